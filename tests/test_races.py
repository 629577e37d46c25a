"""Two people at the same moment, over real transactions: one defined outcome, nothing lost, no gap in numbers.

Runs on SQLite (a file; writers queue) and on PostgreSQL (row locks) alike. Every thread has a connection of its own.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from collab.live.answers import Refused, Stale
from collab.live.log import record
from collab.live.models import Change, Topic
from collab.network.domain.invitation import invite
from collab.network.models import Accession, Invitation, Membership, Municipality
from meetings.domain.agenda import edit_item, place_item, propose_item
from meetings.domain.closing import close_meeting
from meetings.domain.decision import record_decision
from meetings.domain.room import activate_item, next_item, open_meeting, save_notes
from meetings.domain.series import edit_series
from meetings.models import AgendaItem, Attachment, Decision, Meeting, Series
from meetings.queries.agenda import agenda_of
from tests.conftest import Cast, make_cast, make_meeting
from tests.meetings.series_forms import jour_fixe
from tests.permissions.world import fields_of
from workgroups.models import ActionItem, Group, GroupMembership

pytestmark = pytest.mark.django_db(transaction=True)
HTMX = {"hx-request": "true"}
PATIENCE = 60  # seconds: a deadlock shows as a thread that does not come back


@dataclass
class Outcome:
    """What one thread brought home."""

    value: Any = None
    error: Exception | None = None


def at_once(*works: Callable[[], Any]) -> list[Outcome]:
    """Run all works at the same moment, each in a thread with a connection of its own; return what they brought.

    A database error that reaches a caller would be a page with "500": it is raised here.
    """
    outcomes = [Outcome() for _work in works]
    start = threading.Barrier(len(works))

    def run(work: Callable[[], Any], outcome: Outcome) -> None:
        try:
            start.wait(PATIENCE)
            outcome.value = work()
        except Exception as error:
            outcome.error = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in zip(works, outcomes, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads), "somebody waits for ever"
    for outcome in outcomes:
        if outcome.error and not isinstance(outcome.error, Refused | Stale):
            raise outcome.error
    return outcomes


def errors(outcomes: Sequence[Outcome]) -> list[str]:
    return sorted(type(outcome.error).__name__ for outcome in outcomes if outcome.error)


def values(outcomes: Sequence[Outcome]) -> list[Any]:
    return [outcome.value for outcome in outcomes if outcome.error is None]


def signed_in(member: Membership) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(member.person)
    return client


def posting(client: Client, path: str, body: dict[str, Any]) -> Callable[[], int]:
    return lambda: client.post(path, body, headers=HTMX).status_code


def url(name: str, *args: Any) -> str:
    return reverse(name, args=["ortenau", *args])


def assert_versions_gapless(network_id: int) -> None:
    versions = list(Change.objects.filter(network=network_id).order_by("version").values_list("version", flat=True))
    assert versions == list(range(1, len(versions) + 1))
    newest = Topic.objects.filter(network=network_id).values_list("version", flat=True).first() or 0
    assert newest == len(versions)


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def second_chair(cast: Cast) -> Membership:
    GroupMembership.objects.create(group=cast.group, membership=cast.durbach, role="chair")
    return cast.durbach


@pytest.fixture
def planned(cast: Cast) -> Meeting:
    meeting = make_meeting(cast)
    for title in "ABCDE":
        propose_item(meeting=meeting, by=cast.coordinator, title=title)
    return meeting


@pytest.fixture
def running(cast: Cast, planned: Meeting) -> Meeting:
    return open_meeting(meeting=planned, by=cast.coordinator)


def items(meeting: Meeting) -> list[AgendaItem]:
    return list(AgendaItem.objects.filter(meeting=meeting).order_by("position", "pk"))


def titles(meeting: Meeting) -> list[str]:
    return [row.item.title for row in agenda_of(Meeting.objects.get(pk=meeting.pk)).flat]


# -- the chair ---------------------------------------------------------------------------------------------------------


def test_two_chairs_press_next(cast: Cast, running: Meeting, second_chair: Membership) -> None:
    seen = running.active_item_id
    outcomes = at_once(
        lambda: next_item(meeting=running, expected=seen, by=cast.coordinator),
        lambda: next_item(meeting=running, expected=seen, by=second_chair),
    )
    assert errors(outcomes) == ["Refused"]
    running.refresh_from_db()
    assert running.active_item.title == "B"
    assert [item.state for item in items(running)] == ["done", "planned", "planned", "planned", "planned"]
    assert_versions_gapless(cast.network.pk)


def test_two_chairs_press_next_in_their_browsers(cast: Cast, running: Meeting, second_chair: Membership) -> None:
    body = {"expected": running.active_item_id}
    clients = [signed_in(cast.coordinator), signed_in(second_chair)]
    outcomes = at_once(*(posting(client, url("meeting_next", running.pk), body) for client in clients))
    assert sorted(values(outcomes)) == [204, 409]
    running.refresh_from_db()
    assert running.active_item.title == "B"


def test_two_chairs_jump_to_different_items(cast: Cast, running: Meeting, second_chair: Membership) -> None:
    a, b, c, *_rest = items(running)
    outcomes = at_once(
        lambda: activate_item(item=b, expected=a.pk, by=cast.coordinator),
        lambda: activate_item(item=c, expected=a.pk, by=second_chair),
    )
    assert errors(outcomes) == ["Refused"]
    running.refresh_from_db()
    assert running.active_item_id in (b.pk, c.pk)
    assert Change.objects.filter(verb="item_started").count() == 1


def test_opened_twice_is_open_once(cast: Cast, planned: Meeting, second_chair: Membership) -> None:
    outcomes = at_once(
        *(lambda who=who: open_meeting(meeting=planned, by=who) for who in (cast.coordinator, second_chair))
    )
    assert not errors(outcomes)
    assert Change.objects.filter(verb="meeting_opened").count() == 1
    planned.refresh_from_db()
    assert planned.active_item.title == "A"


def test_closed_twice_carries_over_once(cast: Cast, running: Meeting, second_chair: Membership) -> None:
    following = make_meeting(cast, date=timezone.localdate() + timedelta(days=44))
    outcomes = at_once(
        *(lambda who=who: close_meeting(meeting=running, by=who) for who in (cast.coordinator, second_chair))
    )
    assert not errors(outcomes)
    assert titles(following) == list("BCDE")
    assert Change.objects.filter(verb="meeting_closed").count() == 1


def test_closing_while_a_decision_is_recorded(cast: Cast, running: Meeting, second_chair: Membership) -> None:
    item = items(running)[0]
    outcomes = at_once(
        lambda: record_decision(item=item, wording="It comes", mode="unanimous", by=second_chair),
        lambda: close_meeting(meeting=running, by=cast.coordinator),
    )
    running.refresh_from_db()
    assert running.state == "closed"
    assert Decision.objects.count() == (0 if errors(outcomes) else 1)
    assert_versions_gapless(cast.network.pk)


def test_a_meeting_is_closed_while_its_series_is_edited(cast: Cast) -> None:
    """Both need the series and its meetings: the same order of locks, whoever is first."""
    today = timezone.localdate()
    for turn in range(4):
        series = jour_fixe(cast, today=today, title=f"Series {turn}")
        meeting = series.meetings.order_by("date").first()
        Meeting.objects.filter(pk=meeting.pk).update(date=today)
        open_meeting(meeting=meeting, by=cast.coordinator)
        version = Series.objects.get(pk=series.pk).version
        outcomes = at_once(
            lambda meeting=meeting: close_meeting(meeting=meeting, by=cast.coordinator),
            lambda series=series, version=version: edit_series(
                series=series,
                title="Renamed",
                place="",
                video_link="",
                hosts=[],
                template=[],
                version=version,
                by=cast.coordinator,
                today=today,
            ),
        )
        assert not errors(outcomes)
        assert Series.objects.get(pk=series.pk).title == "Renamed"
        assert Meeting.objects.get(pk=meeting.pk).state == "closed"
    assert_versions_gapless(cast.network.pk)


# -- the agenda --------------------------------------------------------------------------------------------------------


def test_two_officers_edit_the_same_item(cast: Cast, planned: Meeting) -> None:
    item = items(planned)[0]
    same = {"kind": "discussion", "minutes": 10, "municipality": None, "presenter": "", "text": "", "links": []}
    outcomes = at_once(
        *(
            lambda title=title: edit_item(item=item, version=item.version, by=cast.coordinator, title=title, **same)
            for title in ("From Kehl", "From Achern")
        )
    )
    assert errors(outcomes) == ["Stale"]
    stale = next(outcome.error for outcome in outcomes if outcome.error)
    item.refresh_from_db()
    assert item.version == 2
    assert stale.current.title == item.title, "the second one is shown what the first one saved"


def test_two_items_moved_to_the_same_place(cast: Cast, planned: Meeting, second_chair: Membership) -> None:
    a, _b, _c, d, e = items(planned)
    outcomes = at_once(
        lambda: place_item(item=d, parent=None, before=a, by=cast.coordinator),
        lambda: place_item(item=e, parent=None, before=a, by=second_chair),
    )
    assert not errors(outcomes)
    assert titles(planned) in (["D", "E", "A", "B", "C"], ["E", "D", "A", "B", "C"])
    assert sorted(item.position for item in items(planned)) == [1, 2, 3, 4, 5]


def test_ten_different_moves(cast: Cast, planned: Meeting, second_chair: Membership) -> None:
    for title in "FGHIJ":
        propose_item(meeting=planned, by=cast.coordinator, title=title)
    every = items(planned)
    moves = [(item, every[(k * 3 + 1) % 10]) for k, item in enumerate(every)]
    outcomes = at_once(
        *(
            lambda item=item, before=before: place_item(
                item=item, parent=None, before=before if before.pk != item.pk else None, by=cast.coordinator
            )
            for item, before in moves
        )
    )
    assert not errors(outcomes)
    assert sorted(titles(planned)) == list("ABCDEFGHIJ")
    assert sorted(item.position for item in items(planned)) == list(range(1, 11))
    assert_versions_gapless(cast.network.pk)


def test_an_item_is_moved_below_another_that_is_moved_below_it(cast: Cast, planned: Meeting) -> None:
    a, b, *_rest = items(planned)
    outcomes = at_once(
        lambda: place_item(item=a, parent=b, before=None, by=cast.coordinator),
        lambda: place_item(item=b, parent=a, before=None, by=cast.coordinator),
    )
    assert sorted(titles(planned)) == list("ABCDE"), "no circle hides both"
    assert len(errors(outcomes)) <= 1


def test_everybody_proposes_at_once(cast: Cast, planned: Meeting) -> None:
    people = (cast.kehl, cast.achern, cast.durbach, cast.coordinator)
    outcomes = at_once(
        *(lambda who=who, k=k: propose_item(meeting=planned, by=who, title=f"{k}") for k in range(3) for who in people)
    )
    assert not errors(outcomes)
    assert len(items(planned)) == 5 + 12
    assert_versions_gapless(cast.network.pk)


def test_notes_by_two_at_once(cast: Cast, running: Meeting, second_chair: Membership) -> None:
    item = items(running)[0]
    outcomes = at_once(
        lambda: save_notes(item=item, notes="Kehl reports", version=1, by=cast.coordinator),
        lambda: save_notes(item=item, notes="Achern reports", version=1, by=second_chair),
    )
    assert errors(outcomes) == ["Stale"]
    stale = next(outcome.error for outcome in outcomes if outcome.error)
    item.refresh_from_db()
    assert (item.notes_version, stale.current.notes) == (2, item.notes)


# -- the same form, sent twice -----------------------------------------------------------------------------------------


def sent_twice(client_of: Callable[[], Client], path: str, body: dict[str, Any], times: int = 3) -> list[int]:
    """Return the answers to a form that was sent several times at the same moment."""
    body = {**body, "request_id": str(uuid4())}
    clients = [client_of() for _time in range(times)]
    return values(at_once(*(posting(client, path, body) for client in clients)))


def page(member: Membership, path: str, **more: Any) -> dict[str, Any]:
    return {**fields_of(signed_in(member).get(path).content.decode()), **more}


def test_an_item_sent_twice(cast: Cast, planned: Meeting) -> None:
    path = url("item_add", planned.pk)
    statuses = sent_twice(lambda: signed_in(cast.kehl), path, page(cast.kehl, path, title="Parking"))
    assert statuses == [204] * 3
    assert AgendaItem.objects.filter(title="Parking").count() == 1
    assert Change.objects.filter(verb="item_proposed").count() == 1


def test_a_decision_sent_twice(cast: Cast, running: Meeting) -> None:
    path = url("decision_add", items(running)[0].pk)
    body = {"wording": "It comes", "mode": "unanimous"}
    assert sent_twice(lambda: signed_in(cast.coordinator), path, body) == [204] * 3
    assert [decision.number for decision in Decision.objects.all()] == [1]


def test_an_action_item_sent_twice(cast: Cast) -> None:
    path = url("action_add")
    assert sent_twice(lambda: signed_in(cast.kehl), path, page(cast.kehl, path, title="Ask")) == [204] * 3
    assert ActionItem.objects.count() == 1
    assert_versions_gapless(cast.network.pk)


def test_an_action_item_of_a_meeting_sent_twice(cast: Cast, running: Meeting) -> None:
    path = url("item_action_add", items(running)[0].pk)
    body = {"title": "Ask", "who": "Kehl", "due": "none"}
    assert sent_twice(lambda: signed_in(cast.coordinator), path, body) == [204] * 3
    assert ActionItem.objects.count() == 1


def test_an_invitation_sent_twice(cast: Cast, mailoutbox: list[Any]) -> None:
    body = {"email": "new@kehl.example", "name": "New", "role": "guest", "organisation": "KIT"}
    assert sent_twice(lambda: signed_in(cast.coordinator), url("invite"), body) == [204] * 3
    assert Invitation.objects.count() == 1
    assert len(mailoutbox) == 1


def test_a_meeting_sent_twice(cast: Cast) -> None:
    path = url("meeting_add")
    day = (timezone.localdate() + timedelta(days=7)).isoformat()
    body = page(cast.coordinator, path, title="Extra", date=day)
    assert sent_twice(lambda: signed_in(cast.coordinator), path, body) == [204] * 3
    assert Meeting.objects.count() == 1


def test_a_series_sent_twice(cast: Cast) -> None:
    path = url("series_add")
    body = page(cast.coordinator, path, title="Jour fixe")
    preview = signed_in(cast.coordinator).post(path, {**body, "step": "preview"})
    body |= {"step": "save", "seal": fields_of(preview.content.decode())["seal"]}
    assert sent_twice(lambda: signed_in(cast.coordinator), path, body) == [204] * 3
    assert Series.objects.count() == 1
    keys = list(Meeting.objects.values_list("occurrence_on", flat=True))
    assert len(keys) == len(set(keys)) > 10


def test_a_file_attached_twice(cast: Cast, planned: Meeting) -> None:
    path = url("item_attach", items(planned)[0].pk)
    clients = [signed_in(cast.coordinator) for _time in range(3)]
    outcomes = at_once(
        *(
            lambda client=client: (
                client.post(path, {"file": SimpleUploadedFile("plan.txt", b"The plan")}, headers=HTMX).status_code
            )
            for client in clients
        )
    )
    assert values(outcomes) == [204] * 3
    assert Attachment.objects.count() == 1


def test_an_accession_sent_twice(cast: Cast) -> None:
    Municipality.objects.create(
        ags="08317089", name="Oberkirch, Stadt", short_name="Oberkirch", sort_key="oberkirch", kind="Stadt"
    )
    body = {"municipality": "08317089", "joined_on": "2026-01-15", "standing": "member"}
    clients = [signed_in(cast.coordinator) for _time in range(3)]
    outcomes = at_once(*(posting(client, url("accession_add"), body) for client in clients))
    assert Counter(values(outcomes)) == {204: 1, 422: 2}
    assert Accession.objects.filter(municipality="08317089").count() == 1


def test_an_invitation_accepted_twice(cast: Cast) -> None:
    _invitation, token = invite(
        email="new@wro.example", name="New", role="guest", municipality=None, organisation="WRO", by=cast.coordinator
    )
    path = reverse("invitation", args=[token])
    browsers = [Client() for _time in range(3)]
    for browser in browsers:
        browser.get(path)
    page = reverse("invitation_page")
    outcomes = at_once(*(lambda browser=browser: browser.post(page, {}).status_code for browser in browsers))
    assert Counter(values(outcomes)) == {302: 1, 410: 2}
    assert Membership.objects.filter(person__email="new@wro.example").count() == 1
    assert_versions_gapless(cast.network.pk)


def test_a_form_of_one_person_sent_by_another(cast: Cast, planned: Meeting, running: Meeting) -> None:
    """The number of a form is nobody's secret weapon: who takes another's is refused or served, never broken."""
    body = {"request_id": str(uuid4())}
    kehl, coordinator = signed_in(cast.kehl), signed_in(cast.coordinator)
    day = (timezone.localdate() + timedelta(days=7)).isoformat()
    forms = (
        ("item_add", [planned.pk], {"title": "Parking", "kind": "report", "minutes": 5}, (kehl, coordinator)),
        ("action_add", [], {"title": "Ask", "municipality": "08317057"}, (kehl, coordinator)),
    )
    for name, args, more, clients in forms:
        statuses = [client.post(url(name, *args), {**body, **more}, headers=HTMX).status_code for client in clients]
        assert statuses[0] == 204, name
        assert statuses[1] in (204, 409, 422), name
    # The same form again after another group was chosen in it.
    other = cast.network.groups.create(kind="working_group", name="E-Akte")
    path, body = url("meeting_add"), {"request_id": str(uuid4()), "title": "Extra", "date": day}
    body |= {"start_time": "09:30", "minutes": 90}
    statuses = [coordinator.post(path, {**body, "group": g.pk}, headers=HTMX).status_code for g in (cast.group, other)]
    assert statuses[0] == 204
    assert statuses[1] in (204, 409, 422)


# -- numbers and versions ----------------------------------------------------------------------------------------------


def test_twenty_decisions_at_once(cast: Cast, running: Meeting, second_chair: Membership) -> None:
    agenda = items(running)
    outcomes = at_once(
        *(
            lambda k=k: record_decision(
                item=agenda[k % 5],
                wording=f"Decision {k}",
                mode="unanimous",
                by=(cast.coordinator, second_chair)[k % 2],
            )
            for k in range(20)
        )
    )
    assert not errors(outcomes)
    assert sorted(Decision.objects.values_list("number", flat=True)) == list(range(1, 21))
    assert {decision.wording for decision in Decision.objects.all()} == {f"Decision {k}" for k in range(20)}
    assert_versions_gapless(cast.network.pk)


def test_decisions_of_two_meetings_at_once(cast: Cast, running: Meeting) -> None:
    second = make_meeting(cast, title="Second")
    second.group = Group.objects.create(network=cast.network, kind=Group.Kind.WORKING_GROUP, name="E-Akte")
    second.save()
    item = propose_item(meeting=second, by=cast.coordinator, title="Z")
    open_meeting(meeting=second, by=cast.coordinator)
    agenda = [items(running)[0], item]
    outcomes = at_once(
        *(
            lambda k=k: record_decision(item=agenda[k % 2], wording=f"{k}", mode="unanimous", by=cast.coordinator)
            for k in range(10)
        )
    )
    assert not errors(outcomes)
    assert sorted(Decision.objects.values_list("number", flat=True)) == list(range(1, 11))


def test_the_first_change_of_a_network_comes_twice(cast: Cast) -> None:
    def change() -> int:
        with transaction.atomic():
            return record(
                cast.network, verb="joined", actor=None, obj=cast.kehl, regions=[], params={"name": "K"}
            ).version

    assert sorted(values(at_once(*[change] * 6))) == [1, 2, 3, 4, 5, 6]


def test_versions_are_given_in_the_order_of_commits(cast: Cast) -> None:
    """A slow transaction that records first commits first: nobody ever sees version n+1 without n."""
    seen: list[tuple[int, int]] = []
    slow_has_recorded, watch = threading.Event(), threading.Lock()

    def slow() -> None:
        with transaction.atomic():
            record(cast.network, verb="joined", actor=None, obj=cast.kehl, regions=[], params={"name": "slow"})
            slow_has_recorded.set()
            # The fast ones are at the lock by now or will be; none may come past.
            threading.Event().wait(0.5)

    def fast() -> None:
        slow_has_recorded.wait(PATIENCE)
        with transaction.atomic():
            record(cast.network, verb="joined", actor=None, obj=cast.kehl, regions=[], params={"name": "fast"})
        look()

    def look() -> None:
        with watch:
            newest = Topic.objects.get(network=cast.network).version
            seen.append((newest, Change.objects.filter(network=cast.network, version__lte=newest).count()))

    at_once(slow, *[fast] * 5)
    assert all(newest == there for newest, there in seen), seen
    first = Change.objects.filter(network=cast.network).order_by("version").first()
    assert first is not None and first.params["name"] == "slow"
    assert_versions_gapless(cast.network.pk)


def test_a_rolled_back_change_leaves_no_gap(cast: Cast) -> None:
    def fails() -> None:
        with transaction.atomic():
            record(cast.network, verb="joined", actor=None, obj=cast.kehl, regions=[], params={"name": "no"})
            raise Refused("no")

    def works() -> None:
        with transaction.atomic():
            record(cast.network, verb="joined", actor=None, obj=cast.kehl, regions=[], params={"name": "yes"})

    outcomes = at_once(*[fails, works] * 4)
    assert errors(outcomes) == ["Refused"] * 4
    assert set(Change.objects.values_list("params__name", flat=True)) == {"yes"}
    assert_versions_gapless(cast.network.pk)


def test_the_members_page_and_the_agenda_do_not_wait_for_each_other(cast: Cast, planned: Meeting) -> None:
    """Who locks the network (invitations, roles) and who only names it in the log: no circle of locks."""
    for turn in range(5):
        mine = [
            lambda k=k, turn=turn: invite(
                email=f"n{turn}-{k}@kehl.example",
                name="N",
                role="guest",
                municipality=None,
                organisation="KIT",
                by=cast.coordinator,
            )
            for k in range(4)
        ]
        theirs = [
            lambda k=k, turn=turn: propose_item(meeting=planned, by=cast.kehl, title=f"{turn}-{k}") for k in range(4)
        ]
        assert not errors(at_once(*mine, *theirs))
    assert Invitation.objects.count() == 20
    assert AgendaItem.objects.filter(proposed_by=cast.kehl).count() == 20
    assert_versions_gapless(cast.network.pk)


def test_a_lock_lets_others_refer_to_the_locked_row() -> None:
    """FOR UPDATE would wait for every row that refers to it: a foreign key's check needs FOR KEY SHARE on PostgreSQL.

    Two transactions that each refer to what the other has locked would end in a deadlock, one of them with a 500.
    """
    from tests.test_architecture import sources

    for path in sources():
        for part in path.read_text().split("select_for_update(")[1:]:
            assert "no_key=True" in part.partition(")\n")[0].partition(").")[0], path

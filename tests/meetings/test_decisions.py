"""Recording decisions, their gapless numbers, and the log of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from collab.live.answers import Refused
from collab.live.models import Change
from collab.live.regions import audience_of, render
from collab.live.verbs import address, sentence
from collab.network.models import Accession
from meetings.domain.closing import close_meeting
from meetings.domain.decision import record_decision
from meetings.domain.presence import arrive, leave
from meetings.domain.recording import record_action
from meetings.models import AgendaItem, Decision, Meeting, MeetingGuest, Presence
from meetings.queries.decisions import DecisionFilter
from tests.conftest import Cast, make_meeting
from workgroups.models import Group

LOG = "/n/ortenau/decisions/"


def open_item(cast: Cast, meeting: Meeting | None = None, title: str = "E-Akte", **more: object) -> AgendaItem:
    """An item of a meeting in session; of the one given, or of a new one."""
    meeting = meeting or make_meeting(cast)
    Meeting.objects.filter(pk=meeting.pk).update(state=Meeting.State.OPEN, **more)
    meeting.refresh_from_db()
    return AgendaItem.objects.create(meeting=meeting, title=title, state=AgendaItem.State.PLANNED, position=1)


def decide(cast: Cast, item: AgendaItem, **more: object) -> Decision:
    values = {"wording": "Wir führen die E-Akte ein.", "mode": "unanimous", "by": cast.coordinator}
    return record_decision(item=item, **{**values, **more})


@pytest.fixture
def item(cast: Cast, meeting: Meeting) -> AgendaItem:
    return open_item(cast, meeting)


# Recording


def test_a_decision_has_a_number_its_subject_and_its_exact_wording(cast: Cast) -> None:
    item = open_item(cast, date=date(2026, 11, 19))
    wording = "  1. Die E-Akte\n  2. kommt.  "
    decision = decide(cast, item, wording=wording)
    item.title = "Renamed later"
    item.save()
    decision.refresh_from_db()
    assert (decision.reference, decision.subject, decision.decided_on) == ("2026-001", "E-Akte", date(2026, 11, 19))
    assert decision.wording == wording
    change = Change.objects.get(verb="decision_recorded")
    assert sentence(change).endswith("recorded decision 2026-001: E-Akte")
    assert address(change, "ortenau") == f"{LOG}2026-001/"


def test_screens_of_the_meeting_the_item_and_the_log_are_told(cast: Cast, item: AgendaItem) -> None:
    decision = decide(cast, item)
    told = set(Change.objects.get(verb="decision_recorded").regions)
    assert told >= {
        f"meeting-active-{item.meeting_id}",
        f"meeting-log-{item.meeting_id}",
        f"item-{item.pk}",
        f"decision-log-{cast.network.pk}",
        f"decision-{decision.pk}",
    }


@pytest.mark.parametrize("name", ["kehl", "achern", "mayor", "guide", "guest", "other"])
def test_who_neither_chairs_nor_keeps_the_minutes_records_nothing(cast: Cast, item: AgendaItem, name: str) -> None:
    with pytest.raises(PermissionDenied):
        decide(cast, item, by=getattr(cast, name))
    assert not Decision.objects.exists()


@pytest.mark.parametrize("field", ["chair", "minute_taker"])
def test_chair_and_minute_taker_of_the_meeting_record(cast: Cast, item: AgendaItem, field: str) -> None:
    Meeting.objects.filter(pk=item.meeting_id).update(**{field: cast.achern})
    assert decide(cast, item, by=cast.achern).recorded_by == cast.achern


@pytest.mark.parametrize("state", ["planned", "closed", "cancelled"])
def test_only_while_the_meeting_is_in_session(cast: Cast, item: AgendaItem, state: str) -> None:
    Meeting.objects.filter(pk=item.meeting_id).update(state=state)
    with pytest.raises(Refused, match="while the meeting is in session"):
        decide(cast, item)


@pytest.mark.parametrize("state", ["proposed", "declined", "withdrawn", "carried"])
def test_only_on_an_item_of_the_agenda(cast: Cast, item: AgendaItem, state: str) -> None:
    AgendaItem.objects.filter(pk=item.pk).update(state=state)
    with pytest.raises(Refused, match="not on the agenda"):
        decide(cast, item)


@pytest.mark.parametrize(
    ("votes", "why"),
    [
        ((None, None, None), "0 where there were none"),
        ((3, None, 0), "0 where there were none"),
        ((3, -1, 0), "0 where there were none"),
        ((0, 0, 0), "at least one vote"),
        ((3, 1, 1), "5 votes, but the network has 4 municipalities"),
    ],
)
def test_counts_that_cannot_be(cast: Cast, item: AgendaItem, votes: tuple[int | None, ...], why: str) -> None:
    with pytest.raises(Refused, match=why):
        decide(cast, item, mode="counted", **dict(zip(("yes", "no", "abstain"), votes, strict=True)))
    assert not Decision.objects.exists()


def test_towns_that_left_before_the_meeting_have_no_vote(cast: Cast, item: AgendaItem) -> None:
    Accession.objects.filter(municipality=cast.town("lahr")).update(left_on=date(2022, 1, 1))
    with pytest.raises(Refused, match="has 3 municipalities"):
        decide(cast, item, mode="counted", yes=4, no=0, abstain=0)


def test_the_same_form_sent_twice_takes_one_number_even_after_the_meeting(cast: Cast, item: AgendaItem) -> None:
    request_id = uuid4()
    first = decide(cast, item, request_id=request_id)
    Meeting.objects.filter(pk=item.meeting_id).update(state=Meeting.State.CLOSED)
    assert decide(cast, item, request_id=request_id) == first
    assert Decision.objects.count() == 1


def test_numbers_have_no_gaps_even_after_a_failure(cast: Cast, item: AgendaItem) -> None:
    decide(cast, item)
    with pytest.raises(Refused):
        decide(cast, item, mode="counted", yes=99, no=0, abstain=0)
    request_id = uuid4()
    decide(cast, item, request_id=request_id)
    Meeting.objects.filter(pk=item.meeting_id).update(minute_taker=cast.kehl)
    with pytest.raises(Refused):
        decide(cast, item, by=cast.kehl, request_id=request_id)
    assert decide(cast, item).reference.endswith("-003")
    assert sorted(Decision.objects.values_list("number", flat=True)) == [1, 2, 3]


def test_each_network_and_year_counts_for_itself(cast: Cast) -> None:
    new_year = open_item(cast, date=date(2027, 1, 14))
    december = open_item(cast, date=date(2026, 12, 17))
    references = [decide(cast, one).reference for one in (december, new_year, december)]
    assert references == ["2026-001", "2027-001", "2026-002"]
    group = Group.objects.get(network=cast.other_network)
    elsewhere = make_meeting(cast, date=date(2026, 12, 1))
    Meeting.objects.filter(pk=elsewhere.pk).update(network=cast.other_network, group=group)
    elsewhere.refresh_from_db()
    assert decide(cast, open_item(cast, elsewhere), by=cast.other).reference == "2026-001"


@pytest.mark.parametrize(
    ("votes", "carried", "english", "german"),
    [
        ((2, 1, 1), True, "2 yes, 1 no, 1 abstention", "2 Ja, 1 Nein, 1 Enthaltung"),
        ((1, 1, 2), False, "1 yes, 1 no, 2 abstentions", "1 Ja, 1 Nein, 2 Enthaltungen"),
        ((0, 3, 0), False, "0 yes, 3 no, 0 abstentions", "0 Ja, 3 Nein, 0 Enthaltungen"),
    ],
)
def test_results_in_words(
    cast: Cast, item: AgendaItem, votes: tuple[int, int, int], carried: bool, english: str, german: str
) -> None:
    yes, no, abstain = votes
    decision = decide(cast, item, mode="counted", yes=yes, no=no, abstain=abstain)
    with translation.override("en"):
        assert (decision.carried, decision.in_words) == (carried, english)
    with translation.override("de"):
        assert decision.in_words == german


def test_a_unanimous_result_in_words(cast: Cast, item: AgendaItem) -> None:
    decision = decide(cast, item)
    said = {}
    for language in ("en", "de"):
        with translation.override(language):
            said[language] = decision.in_words
    assert said == {"en": "unanimous", "de": "einstimmig"}


# Reading


def references(client: Client, query: str = "") -> list[str]:
    page = client.get(f"{LOG}?{query}").content.decode()
    return re.findall(r'-link" href="[^"]*/decisions/(\d+-\d+)/"', page)


@pytest.fixture
def filled(cast: Cast) -> Cast:
    plenum = Group.objects.create(network=cast.network, kind=Group.Kind.PLENUM, name="Plenum")
    decide(cast, open_item(cast, date=date(2025, 6, 5), title="E-Payment"), wording="Lahr übernimmt.")
    decide(cast, open_item(cast, date=date(2026, 3, 5), title="Parken", group=plenum), wording="Kein Beschluss.")
    decide(cast, open_item(cast, date=date(2026, 9, 3), title="Kita-App"), wording="<b>Alle</b> nutzen sie nach.")
    return cast


def test_the_log_shows_the_newest_first_with_wording_and_result(filled: Cast, client_for) -> None:
    client = client_for(filled.mayor)
    assert references(client) == ["2026-002", "2026-001", "2025-001"]
    page = client.get(LOG).content.decode()
    assert "Lahr übernimmt." in page and "unanimous" in page and "Carried" in page
    assert "<b>Alle</b>" not in page and "&lt;b&gt;Alle&lt;/b&gt; nutzen sie nach." in page


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("year=2026", ["2026-002", "2026-001"]),
        ("year=1999", []),
        ("q=lahr", ["2025-001"]),
        ("q=Kita", ["2026-002"]),
        ("q=2026-001", ["2026-001"]),
        ("year=2026&q=lahr", []),
        ("year=soon&page=99&q=%00", ["2026-002", "2026-001", "2025-001"]),
    ],
)
def test_filters(filled: Cast, client_for, query: str, expected: list[str]) -> None:
    assert references(client_for(filled.kehl), query) == expected


def test_filter_by_group_and_meeting(filled: Cast, client_for) -> None:
    client = client_for(filled.kehl)
    meeting = Meeting.objects.get(group__name="Plenum")
    assert references(client, f"group={meeting.group_id}") == ["2026-001"]
    assert references(client, f"meeting={meeting.pk}") == ["2026-001"]


def test_every_search_has_a_region_that_a_screen_can_ask_for(cast: Cast) -> None:
    wanted = DecisionFilter.parse("year=2026&group=3&meeting=4&page=2&q=" + "%F0%9F%9A%B2" * 200)
    assert audience_of(f"decision-log-{cast.network.pk}~{wanted.variant}", cast.kehl) == "member"
    assert DecisionFilter.parse(wanted.variant) == wanted


@pytest.mark.parametrize(
    ("name", "log", "page"),
    [
        ("coordinator", 200, 200),
        ("achern", 200, 200),
        ("mayor", 200, 200),
        ("guide", 200, 200),
        ("guest", 404, 404),
        ("other", 404, 404),
    ],
)
def test_who_reads(filled: Cast, client_for, name: str, log: int, page: int) -> None:
    client = client_for(getattr(filled, name))
    assert (client.get(LOG).status_code, client.get(f"{LOG}2026-001/").status_code) == (log, page)


def test_a_guest_reads_the_decisions_of_the_meeting_they_were_invited_to(filled: Cast, client_for) -> None:
    meeting = Meeting.objects.get(group__name="Plenum")
    MeetingGuest.objects.create(meeting=meeting, membership=filled.guest)
    client = client_for(filled.guest)
    answers = [client.get(f"{LOG}{ref}").status_code for ref in ("2026-001/", "2026-002/", "")]
    assert answers == [200, 404, 404]
    assert audience_of(f"decision-{Decision.objects.get(meeting=meeting).pk}", filled.guest) == "guest"
    assert audience_of(f"decision-log-{filled.network.pk}", filled.guest) is None


@pytest.mark.parametrize("reference", ["2026-01", "2026-0001", "2026-099", "x", "2026-%00", "٢٠٢٦-٠٠١"])
def test_a_number_that_does_not_exist(filled: Cast, client_for, reference: str) -> None:
    assert client_for(filled.kehl).get(f"{LOG}{reference}/").status_code == 404


def test_another_networks_regions_stay_closed(filled: Cast) -> None:
    decision = Decision.objects.first()
    assert decision
    for region in (f"decision-{decision.pk}", f"decision-log-{filled.network.pk}", "decision-999999"):
        assert audience_of(region, filled.other) is None


def test_a_decision_shows_what_is_to_be_done(cast: Cast, item: AgendaItem, client_for) -> None:
    first, second = decide(cast, item), decide(cast, item, wording="Und zwar bald.")
    record_action(
        item=item,
        title="Introduce it in Kehl",
        municipality=cast.town("kehl"),
        person=None,
        due_on=None,
        note="",
        by=cast.coordinator,
    )
    assert {f"decision-{first.pk}", f"decision-{second.pk}"} <= set(Change.objects.order_by("-version")[0].regions)
    page = client_for(cast.durbach).get(f"{LOG}{first.reference}/").content.decode()
    assert "Introduce it in Kehl" in page and second.reference in page


def test_the_log_takes_the_same_number_of_queries_for_1_and_50(cast: Cast, item: AgendaItem, client_for) -> None:
    client = client_for(cast.kehl)
    client.get(LOG)
    decide(cast, item)
    pages = [LOG, f"{LOG}?q=Akte", f"/api{LOG}"]
    few = [queries_of(lambda page=page: client.get(page)) for page in pages]
    for number in range(49):
        decide(cast, item, wording=f"Beschluss {number}")
    assert [queries_of(lambda page=page: client.get(page)) for page in pages] == few


def queries_of(read: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as queries:
        read()
    return len(queries)


def test_an_empty_log_says_what_to_do(cast: Cast, client_for) -> None:
    page = client_for(cast.kehl).get(LOG).content.decode()
    assert "Nothing has been decided yet" in page and "while the meeting is in session" in page


def test_the_region_is_the_page(filled: Cast, client_for) -> None:
    page = client_for(filled.kehl).get(f"{LOG}?year=2026").content.decode()
    assert render(f"decision-log-{filled.network.pk}~year=2026", "member", "en") in page


# Quorum, and who was there


def come(cast: Cast, item: AgendaItem, *towns: str) -> None:
    for town in towns:
        arrive(meeting=item.meeting, municipality=cast.town(town), by=cast.coordinator)


@pytest.fixture
def quorum(cast: Cast) -> None:
    Group.objects.filter(pk=cast.group.pk).update(quorum="majority")


def test_without_a_quorum_it_is_recorded_with_a_note(cast: Cast, item: AgendaItem, quorum: None, client_for) -> None:
    come(cast, item, "kehl", "achern")
    chair = client_for(cast.coordinator)
    form = reverse("decision_add", args=["ortenau", item.pk])
    asked = chair.get(form).text
    assert "2 municipalities are present, 3 are needed for a quorum. The decision is recorded with a note." in asked
    data = {"wording": "Trotzdem.", "mode": "unanimous", "request_id": uuid4()}
    assert chair.post(form, data, headers={"hx-request": "true"}).status_code == 204
    decision = Decision.objects.get()
    assert (decision.present, decision.needed, decision.lacks_quorum) == (2, 3, True)
    come(cast, item, "lahr")
    assert "needed for a quorum" not in chair.get(form).text
    assert not decide(cast, item).lacks_quorum
    close_meeting(meeting=item.meeting, by=cast.coordinator)
    kehl, note = client_for(cast.kehl), "recorded without quorum (2 of 3)"
    for path in (
        f"{LOG}{decision.reference}/",
        LOG,
        reverse("item", args=["ortenau", item.pk]),
        reverse("meeting", args=["ortenau", item.meeting_id]),
    ):
        assert note in kehl.get(path).text, path
    assert note in render(f"meeting-summary-{item.meeting_id}", "member", "en")
    told = kehl.get(f"/api{LOG}{decision.reference}/").json()
    assert (told["present"], told["needed"], told["lacks_quorum"]) == (2, 3, True)


def test_where_nobody_said_who_is_here_nothing_is_known_of_the_quorum(
    cast: Cast, item: AgendaItem, quorum: None, client_for
) -> None:
    form = client_for(cast.coordinator).get(reverse("decision_add", args=["ortenau", item.pk])).text
    assert "Nobody has set who is here; 3 municipalities are needed" in form
    decision = decide(cast, item)
    assert (decision.present, decision.needed, decision.lacks_quorum) == (None, 3, False)


def test_no_rule_no_word(cast: Cast, item: AgendaItem, client_for) -> None:
    Group.objects.filter(pk=cast.group.pk).update(quorum="none")
    come(cast, item, "kehl")
    assert "quorum" not in client_for(cast.coordinator).get(reverse("decision_add", args=["ortenau", item.pk])).text
    decision = decide(cast, item)
    assert (decision.present, decision.needed, decision.lacks_quorum) == (1, None, False)


def test_all_have_left(cast: Cast, item: AgendaItem, quorum: None) -> None:
    come(cast, item, "kehl")
    Presence.objects.update(began_at=timezone.now() - timedelta(hours=1))
    leave(meeting=item.meeting, municipality=cast.town("kehl"), by=cast.coordinator)
    decision = decide(cast, item, mode="counted", yes=1, no=0, abstain=0)
    assert (decision.present, decision.lacks_quorum) == (0, True)


def test_no_more_votes_than_towns_present(cast: Cast, item: AgendaItem, client_for) -> None:
    come(cast, item, "kehl", "achern")
    with pytest.raises(Refused, match=r"3 votes, but 2 municipalities are present\. Set who is here"):
        decide(cast, item, mode="counted", yes=3, no=0, abstain=0)
    answer = client_for(cast.coordinator).post(
        reverse("decision_add", args=["ortenau", item.pk]),
        {"wording": "Ja.", "mode": "counted", "yes": 1, "no": 1, "abstain": 1, "request_id": uuid4()},
        headers={"hx-request": "true"},
    )
    assert answer.status_code == 422 and "3 votes, but 2 municipalities" in answer.text
    assert not Decision.objects.exists()
    assert decide(cast, item, mode="counted", yes=1, no=1, abstain=0).present == 2
    come(cast, item, "lahr")
    assert decide(cast, item, mode="counted", yes=3, no=0, abstain=0).present == 3

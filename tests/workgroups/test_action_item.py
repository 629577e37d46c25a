"""Writing down what is to be done, and changing it: who may, what is refused, what screens are told."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import translation

from collab.live.answers import Refused, Stale
from collab.live.log import history
from collab.live.models import Change
from collab.live.verbs import sentence
from collab.network.models import Accession, Person
from meetings.models import Meeting
from tests.conftest import Cast, make_member, make_project
from workgroups.domain.action_item import change_due, change_state, edit_action_item
from workgroups.models import ActionItem

from .conftest import born_in, days, make_action


def newest(cast: Cast) -> Change:
    return Change.objects.filter(network=cast.network).order_by("-version")[0]


def accession(cast: Cast, town: str) -> Accession:
    return Accession.objects.get(network=cast.network, municipality=cast.town(town))


def edit(action: ActionItem, by, version: int | None = None, **more) -> ActionItem:
    values = {name: getattr(action, name) for name in ("title", "municipality", "person", "note", "project", "group")}
    return edit_action_item(action=action, by=by, version=version or action.version, **{**values, **more})


# Adding


def test_an_officer_adds_one_for_their_own_town(cast: Cast) -> None:
    action = make_action(cast, by=cast.kehl, person=cast.kehl, due_on=date(2026, 12, 1))
    assert (action.municipality, action.person, action.state) == (cast.town("kehl"), cast.kehl, "open")
    assert "added the action item “Introduce the e-file”" in sentence(newest(cast))


def test_the_town_follows_from_the_person(cast: Cast) -> None:
    assert make_action(cast, municipality=None, person=cast.guide).municipality == cast.town("lahr")


@pytest.mark.parametrize("name", ["mayor", "guest", "other", "achern"])
def test_who_may_not_add_one_for_kehl(cast: Cast, name: str) -> None:
    with pytest.raises(PermissionDenied):
        make_action(cast, by=getattr(cast, name))
    assert not ActionItem.objects.exists()


def test_a_town_cannot_be_given_a_task_by_another_except_in_a_meeting(cast: Cast) -> None:
    with pytest.raises(PermissionDenied):
        make_action(cast, by=cast.kehl, municipality=cast.town("achern"))
    action = make_action(cast, by=cast.kehl, municipality=cast.town("achern"), in_meeting=True)
    assert action.municipality == cast.town("achern")


@pytest.mark.parametrize(
    ("town", "person", "why"),
    [
        (None, None, "Choose the municipality or the person"),
        ("kehl", "achern", "does not act for Kehl"),
        ("kehl", "guest", "does not act for Kehl"),
        (None, "other", "does not belong to this network"),
    ],
)
def test_who_cannot_be_responsible(cast: Cast, town: str | None, person: str | None, why: str) -> None:
    with pytest.raises(Refused, match=why):
        make_action(cast, municipality=town and cast.town(town), person=person and getattr(cast, person))


def test_a_town_that_left_and_a_person_who_left_cannot_be_responsible(cast: Cast) -> None:
    Accession.objects.filter(municipality=cast.town("kehl")).update(left_on=days(-1))
    with pytest.raises(Refused, match="Kehl is not a member of this network today"):
        make_action(cast)
    cast.achern.ended_on = days(0)
    cast.achern.save()
    with pytest.raises(Refused, match="does not belong to this network any more"):
        make_action(cast, municipality=None, person=cast.achern)


def test_the_same_form_sent_twice_adds_one(cast: Cast) -> None:
    request_id = uuid4()
    first = make_action(cast, request_id=request_id)
    assert make_action(cast, request_id=request_id) == first
    assert ActionItem.objects.count() == 1
    assert Change.objects.count() == 1


def test_another_persons_form_number_is_refused(cast: Cast) -> None:
    request_id = uuid4()
    make_action(cast, request_id=request_id)
    with pytest.raises(Refused, match="sent already"):
        make_action(cast, by=cast.kehl, request_id=request_id)
    assert ActionItem.objects.count() == 1


# State


def test_done_with_a_note_and_open_again(cast: Cast, action: ActionItem) -> None:
    action = change_state(action=action, state="done", note="Runs since Monday", version=1, by=cast.kehl)
    assert action.finished_at and not action.is_open and action.state_note == "Runs since Monday"
    assert newest(cast).params["note"] == "Runs since Monday"
    action = change_state(action=action, state="open", note="Not yet", version=2, by=cast.coordinator)
    assert action.finished_at is None and action.is_open
    said = [change.verb for change in history(action)]
    assert said == ["action_reopened", "action_done", "action_added"]


@pytest.mark.parametrize("name", ["achern", "durbach", "mayor", "guide", "guest", "other"])
def test_another_towns_people_and_the_mayor_do_not_change_state_or_date(
    cast: Cast, action: ActionItem, name: str
) -> None:
    by = getattr(cast, name)
    with pytest.raises(PermissionDenied):
        change_state(action=action, state="done", note="", version=1, by=by)
    with pytest.raises(PermissionDenied):
        change_due(action=action, due_on=days(3), reason="because", version=1, by=by)
    with pytest.raises(PermissionDenied):
        edit(action, by, title="Something else")
    action.refresh_from_db()
    assert (action.version, action.state) == (1, "open")


def test_dropping_needs_a_word_why(cast: Cast, action: ActionItem) -> None:
    with pytest.raises(Refused, match="why this is dropped"):
        change_state(action=action, state="dropped", note=" ", version=1, by=cast.kehl)


def test_two_people_change_the_state_and_the_second_is_told(cast: Cast, action: ActionItem) -> None:
    change_state(action=action, state="in_progress", note="", version=1, by=cast.kehl)
    with pytest.raises(Stale) as conflict:
        change_state(action=action, state="dropped", note="No money", version=1, by=cast.coordinator)
    assert conflict.value.current.state == "in_progress"
    assert conflict.value.who == str(cast.kehl)


def test_the_same_change_sent_twice_happens_once(cast: Cast, action: ActionItem) -> None:
    for _attempt in range(2):
        change_state(action=action, state="done", note="Fine", version=1, by=cast.kehl)
        change_due(action=make_action(cast), due_on=None, reason="", version=1, by=cast.kehl)
    assert [change.verb for change in history(action)] == ["action_done", "action_added"]


# Due date


def test_a_new_date_needs_a_reason_the_first_one_does_not(cast: Cast) -> None:
    action = make_action(cast)
    action = change_due(action=action, due_on=date(2026, 11, 30), reason="", version=1, by=cast.kehl)
    with pytest.raises(Refused, match="why the date changes"):
        change_due(action=action, due_on=date(2026, 12, 24), reason=" ", version=2, by=cast.kehl)
    action = change_due(action=action, due_on=date(2026, 12, 24), reason="Tender", version=2, by=cast.kehl)
    assert (action.due_on, action.due_reason) == (date(2026, 12, 24), "Tender")
    assert newest(cast).params["earlier"] == "2026-11-30"
    assert "24 Dec 2026" in sentence(newest(cast))
    with translation.override("de"):
        assert "24.12.2026" in sentence(newest(cast))
    with pytest.raises(Refused):
        change_due(action=action, due_on=None, reason="", version=3, by=cast.kehl)


def test_what_is_finished_gets_no_new_date(cast: Cast, action: ActionItem) -> None:
    change_state(action=action, state="done", note="", version=1, by=cast.kehl)
    with pytest.raises(Refused, match="Reopen it first"):
        change_due(action=action, due_on=days(30), reason="later", version=2, by=cast.kehl)


# Editing


def test_who_wrote_it_down_may_reword_it_and_nothing_else(cast: Cast) -> None:
    action = make_action(cast, by=cast.achern, municipality=cast.town("kehl"), in_meeting=True)
    assert edit(action, cast.achern, title="Introduce the e-file in Kehl").title == "Introduce the e-file in Kehl"
    with pytest.raises(PermissionDenied):
        edit(action, cast.achern, version=2, person=cast.kehl)
    with pytest.raises(PermissionDenied):
        change_state(action=action, state="done", note="", version=2, by=cast.achern)


@pytest.mark.parametrize("name", ["kehl", "coordinator"])
def test_nobody_puts_a_task_on_another_town(cast: Cast, action: ActionItem, name: str) -> None:
    with pytest.raises(Refused, match="takes on its own tasks"):
        edit(action, getattr(cast, name), municipality=cast.town("achern"))


def test_a_slip_is_corrected_as_long_as_the_meeting_is_in_session(
    cast: Cast, action: ActionItem, meeting: Meeting
) -> None:
    born_in(meeting, action)
    meeting.state = "open"
    meeting.save()
    action = edit(action, cast.coordinator, municipality=cast.town("achern"))
    assert action.municipality == cast.town("achern")
    meeting.state = "closed"
    meeting.save()
    with pytest.raises(Refused, match="takes on its own tasks"):
        edit(action, cast.coordinator, version=2, municipality=cast.town("lahr"))


def test_the_office_takes_back_what_a_town_has(cast: Cast, action: ActionItem) -> None:
    action = edit(action, cast.coordinator, municipality=None, person=cast.coordinator)
    assert (action.municipality, action.person) == (None, cast.coordinator)


def test_a_stale_edit_names_who_was_faster(cast: Cast, action: ActionItem) -> None:
    edit(action, cast.kehl, title="The e-file, quickly")
    with pytest.raises(Stale) as conflict:
        edit(action, cast.coordinator, version=1, title="The e-file, slowly")
    assert (conflict.value.current.title, conflict.value.who) == ("The e-file, quickly", str(cast.kehl))


def test_who_rewords_it_and_who_finishes_it_are_not_in_each_others_way(cast: Cast, action: ActionItem) -> None:
    change_state(action=action, state="done", note="Runs", version=1, by=cast.kehl)
    edit(action, cast.coordinator, version=1, title="Introduce the e-file everywhere")
    action.refresh_from_db()
    assert (action.title, action.state, action.version) == ("Introduce the e-file everywhere", "done", 3)


@pytest.mark.parametrize("version", [0, 99])
def test_a_version_that_never_was_is_stale(cast: Cast, action: ActionItem, version: int) -> None:
    with pytest.raises(Stale):
        change_state(action=action, state="done", note="", version=version, by=cast.kehl)


# What screens are told


def test_a_change_names_the_screens_of_before_and_after(cast: Cast) -> None:
    e_file, payment = make_project(cast.kehl), make_project(cast.kehl, "E-payment")
    action = make_action(cast, person=cast.kehl, project=e_file)
    edit(action, cast.coordinator, municipality=None, person=cast.coordinator, project=payment)
    assert set(newest(cast).regions) == {
        f"feed-{cast.network.pk}",
        f"action-log-{cast.network.pk}",
        f"action-board-{cast.network.pk}",
        f"action-item-{action.pk}",
        f"town-actions-{accession(cast, 'kehl').pk}",
        f"overview-actions-{accession(cast, 'kehl').pk}",
        f"my-actions-{cast.kehl.pk}",
        f"my-actions-{cast.coordinator.pk}",
        f"project-work-{e_file.pk}",
        f"project-work-{payment.pk}",
    }
    # Who may do more or less with it than before signs on anew.
    assert newest(cast).access == sorted([cast.kehl.person_id, cast.coordinator.person_id])


def test_a_change_names_the_screens_of_the_meeting_it_was_born_in(
    cast: Cast, action: ActionItem, meeting: Meeting
) -> None:
    item = born_in(meeting, action)
    change_state(action=action, state="done", note="", version=1, by=cast.kehl)
    born = {f"item-{item.pk}", f"meeting-log-{meeting.pk}", f"meeting-active-{meeting.pk}"}
    assert born <= set(newest(cast).regions)


def test_hostile_text_stays_text(cast: Cast, client_for) -> None:
    nasty = "<script>alert(1)</script> ‮ %(actor)s {{ 7*7 }} 🚲"
    action = make_action(cast, title=nasty, note=nasty * 90)
    change_state(action=action, state="done", note=nasty, version=1, by=cast.kehl)
    page = client_for(cast.kehl).get(f"/n/{cast.network.slug}/action-items/{action.pk}/").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "%(actor)s" in page


def test_the_people_whose_rights_change_are_named_not_their_memberships(cast: Cast, action: ActionItem) -> None:
    Person.objects.create_user("somebody@else.example", "Somebody Else", None)  # from here on the two keys differ
    late = make_member(cast.network, "guide", cast.town("kehl"), "guide@kehl.example")
    assert late.pk != late.person_id
    edit(action, cast.kehl, person=late)
    assert late.person_id in newest(cast).access
    assert late.pk not in newest(cast).access

"""Each thing is found from the moment it is written down, as it is now, and by whoever may see it."""

from __future__ import annotations

import pytest

from collab.search.queries import find
from meetings.domain.agenda import edit_item, propose_item, withdraw_item
from meetings.domain.closing import close_meeting
from meetings.domain.decision import record_decision
from meetings.domain.room import open_meeting, save_notes
from meetings.domain.schedule import move_meeting
from meetings.models import AgendaItem, Meeting
from tests.conftest import Cast, involve, make_meeting, make_project
from workgroups.domain.action_item import add_action_item, change_state
from workgroups.domain.experience import write_report
from workgroups.domain.group import create_group
from workgroups.domain.involvement import join
from workgroups.domain.project import add_project, save_part
from workgroups.models import Group, GroupMembership


def kinds(cast: Cast, question: str, who: str = "kehl") -> dict[str, int]:
    return find(getattr(cast, who), question).counts


def test_a_project_with_its_profile(cast: Cast) -> None:
    project = add_project(network=cast.network, title="Familienwegweiser", services=[10073], by=cast.kehl)
    assert kinds(cast, "Familienwegweisern") == {"project": 1}
    values = {"lessons": "Früh mit den Kitas sprechen", "reuse_conditions": ""}
    save_part(project=project, part="reuse", values=values, version=1, by=cast.coordinator)
    (shelf,) = find(cast.mayor, "Kitas sprechen").shelves
    assert shelf.hits[0].place == "Lessons learned"


def test_an_experience_report_in_its_newest_words(cast: Cast) -> None:
    project = make_project(cast.kehl, "E-Payment", phase="operation")
    involve(project, cast.kehl)
    texts = {"cost": "", "differently": "", "needed": "", "whom_to_call": ""}
    write_report(project=project, took="Zwölf Workshops", version=0, by=cast.kehl, **texts)
    write_report(project=project, took="Zwanzig Schulungen", version=1, by=cast.kehl, **texts)
    assert kinds(cast, "Workshops") == {}
    (shelf,) = find(cast.achern, "Schulung").shelves
    assert (shelf.kind.name, shelf.hits[0].place, shelf.hits[0].about) == ("experience", "What it took", "Kehl")


def test_a_project_that_was_joined_is_found_no_more(cast: Cast) -> None:
    one, other = (add_project(network=cast.network, title=title, by=cast.kehl) for title in ("Parken A", "Parken B"))
    involve(one, cast.kehl)
    join(project=one, into=other, by=cast.kehl)
    assert kinds(cast, "Parken") == {"project": 1}


def test_a_group_is_found_by_all_so_that_they_can_ask_to_join(cast: Cast) -> None:
    create_group(
        network=cast.network,
        kind="working_group",
        name="Bezahlen",
        purpose="Girokonten",
        lead_town=None,
        is_internal=True,
        by=cast.coordinator,
    )
    assert kinds(cast, "Bezahlen") == {"group": 1}
    assert kinds(cast, "Girokonten") == {"group": 1}


def test_an_action_item_and_how_it_ended(cast: Cast) -> None:
    action = add_action_item(
        network=cast.network,
        title="Rechenzentrum anschreiben",
        municipality=cast.town("kehl"),
        person=None,
        due_on=None,
        by=cast.kehl,
    )
    assert kinds(cast, "Rechenzentren") == {"action": 1}
    change_state(action=action, state="done", note="Die Leitung liegt", version=1, by=cast.kehl)
    assert kinds(cast, "Leitungen") == {"action": 1}


def test_agenda_items_and_decisions(cast: Cast, meeting: Meeting) -> None:
    item = propose_item(meeting=meeting, by=cast.coordinator, title="Wohnmobilstellplätze")
    assert kinds(cast, "Wohnmobilstellplatz") == {"item": 1}
    edit_item(item=item, title="Stellplätze", version=item.version, by=cast.coordinator)
    assert kinds(cast, "Wohnmobilstellplatz") == {}
    gone = propose_item(meeting=meeting, by=cast.kehl, title="Parkraum")
    withdraw_item(item=gone, by=cast.kehl)
    assert kinds(cast, "Parkraum") == {}
    open_meeting(meeting=meeting, by=cast.coordinator)
    item = AgendaItem.objects.get(pk=item.pk)
    save_notes(item=item, notes="Kehl berichtet vom Hafen", version=item.notes_version, by=cast.coordinator)
    decision = record_decision(item=item, wording="Gemeinsam ausschreiben", mode="unanimous", by=cast.coordinator)
    assert kinds(cast, "Ausschreiben") == {"decision": 1}
    (shelf,) = find(cast.mayor, "ausschreiben").shelves
    assert shelf.hits[0].address == f"/n/ortenau/decisions/{decision.reference}/"
    assert kinds(cast, decision.reference) == {"decision": 1}
    close_meeting(meeting=meeting, by=cast.coordinator)
    assert kinds(cast, "Häfen") == {"item": 1}


def test_a_moved_meeting_takes_its_items_along(cast: Cast, meeting: Meeting) -> None:
    propose_item(meeting=meeting, by=cast.kehl, title="Parkraum")
    day = meeting.date.replace(day=1).replace(year=meeting.date.year + 1)
    move_meeting(
        meeting=meeting,
        date=day,
        start_time=meeting.start_time,
        minutes=60,
        reason="Clash",
        version=Meeting.objects.get(pk=meeting.pk).version,
        by=cast.coordinator,
    )
    assert find(cast.kehl, "Parkraum").shelves[0].hits[0].on == day


@pytest.mark.parametrize(("who", "found"), [("guide", 1), ("coordinator", 1), ("kehl", 0), ("mayor", 0)])
def test_the_agenda_of_an_internal_group_is_its_members(cast: Cast, who: str, found: int) -> None:
    group = Group.objects.create(network=cast.network, kind="working_group", name="Vergabe", is_internal=True)
    GroupMembership.objects.create(group=group, membership=cast.guide)
    meeting = make_meeting(cast)
    Meeting.objects.filter(pk=meeting.pk).update(group=group)
    meeting.refresh_from_db()
    propose_item(meeting=meeting, by=cast.coordinator, title="Angebote der Bieter")
    assert find(getattr(cast, who), "Bieter").total == found

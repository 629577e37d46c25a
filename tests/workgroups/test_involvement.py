"""Taking on, leaving, handing over, proposing and joining: what a town gets, and what it is told where it does not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from collab.live.answers import Refused
from collab.live.models import Change
from collab.live.verbs import sentence
from collab.network.models import Accession
from tests.conftest import Cast, involve, make_project
from workgroups.domain.involvement import (
    LeadTaken,
    hand_over,
    join,
    leave,
    mark_of,
    propose_join,
    propose_part,
    take_on,
)
from workgroups.domain.offer import accept_offer, decline_offer, withdraw_offer
from workgroups.models import Involvement, Offer, Project
from workgroups.queries.involvement import lead_of, open_parts_of, parts_of

TODAY = timezone.localdate


@pytest.fixture
def project(cast: Cast) -> Project:
    return make_project(cast.coordinator)


def parts(project: Project) -> dict[str, str]:
    """The parts that last: town -> role."""
    return {part.municipality.short_name: part.role for part in open_parts_of(project.pk)}


def said() -> str:
    """The newest sentence of the log."""
    return sentence(Change.objects.latest("version"))


# -- taking on ---------------------------------------------------------------------------------------------------------


def test_a_town_takes_on_a_project(cast: Cast, project: Project) -> None:
    part = take_on(project=project, role="lead", by=cast.kehl)
    assert (part.municipality, part.since, part.until) == (cast.town("kehl"), TODAY(), None)
    assert said() == "Kehl takes on “E-file”"
    change = Change.objects.latest("version")
    shown = {f"board-row-{project.pk}", f"board-line-{project.pk}", f"project-towns-{project.pk}"}
    assert shown <= set(change.regions)
    assert f"board-{cast.network.pk}" not in change.regions, "the plain board changes in one row only"


def test_twice_the_same_is_once(cast: Cast, project: Project) -> None:
    first = take_on(project=project, role="lead", by=cast.kehl)
    assert take_on(project=project, role="lead", by=cast.kehl) == first
    assert Change.objects.count() == 1


def test_the_second_town_is_told_who_and_when_and_what_it_can_do(cast: Cast, project: Project) -> None:
    first = take_on(project=project, role="lead", by=cast.kehl)
    with pytest.raises(LeadTaken) as told:
        take_on(project=project, role="lead", by=cast.achern)
    clock = timezone.localtime(first.began_at)
    assert str(told.value).startswith("Kehl has led “E-file” since")
    assert f"{clock:%M}" in str(told.value)
    assert "Achern can contribute instead" in str(told.value)
    assert take_on(project=project, role="contributor", by=cast.achern).role == "contributor"
    assert parts(project) == {"Kehl": "lead", "Achern": "contributor"}


def test_the_database_keeps_one_lead_and_one_part_of_a_town(cast: Cast, project: Project) -> None:
    involve(project, cast.kehl)
    for by, role in ((cast.achern, "lead"), (cast.kehl, "reuser")):
        with pytest.raises(IntegrityError), transaction.atomic():
            involve(project, by, role)


def test_another_role_ends_the_old_part_and_keeps_it_on_record(cast: Cast, project: Project) -> None:
    old = involve(project, cast.kehl, "interested", TODAY() - timedelta(days=30))
    take_on(project=project, role="reuser", by=cast.kehl, note="For the citizens' office")
    old.refresh_from_db()
    assert (old.until, old.ended_by) == (TODAY(), cast.kehl)
    assert parts(project) == {"Kehl": "reuser"}
    assert said() == "Kehl reuses “E-file”"


def test_a_part_can_have_begun_earlier_and_not_later(cast: Cast, project: Project) -> None:
    day = TODAY() - timedelta(days=400)
    assert take_on(project=project, role="lead", by=cast.kehl, since=day).since == day
    with pytest.raises(Refused):
        take_on(project=project, role="contributor", by=cast.achern, since=TODAY() + timedelta(days=1))
    with pytest.raises(Refused):
        take_on(project=project, role="contributor", by=cast.kehl, since=day - timedelta(days=1))


def test_day_and_note_of_a_part_can_be_corrected(cast: Cast, project: Project) -> None:
    part = take_on(project=project, role="lead", by=cast.kehl, note="First")
    day = TODAY() - timedelta(days=9)
    changed = take_on(project=project, role="lead", by=cast.kehl, since=day, note="", seen=mark_of(part))
    assert (changed.pk, changed.since, changed.note) == (part.pk, day, "")
    with pytest.raises(Refused, match="Meanwhile Kehl has the part “Lead”"):
        take_on(project=project, role="lead", by=cast.kehl, note="Another", seen=mark_of(part))


@pytest.mark.parametrize("who", ["coordinator", "guide", "mayor", "guest", "other_officer"])
def test_only_a_towns_own_officers_take_on_leave_and_hand_over(cast: Cast, project: Project, who: str) -> None:
    by = getattr(cast, who)
    with pytest.raises(PermissionDenied):
        take_on(project=project, role="lead", by=by)
    with pytest.raises(PermissionDenied):
        leave(project=project, by=by)
    with pytest.raises(PermissionDenied):
        hand_over(project=project, municipality=cast.town("lahr"), word="", by=by)


def test_a_project_that_goes_on_elsewhere_takes_nobody(cast: Cast, project: Project) -> None:
    other = make_project(cast.kehl, "E-file of the towns")
    Project.objects.filter(pk=project.pk).update(joined_to=other)
    with pytest.raises(Refused, match="goes on in “E-file of the towns”"):
        take_on(project=project, role="lead", by=cast.kehl)


def test_a_town_that_left_the_network_leads_nothing(cast: Cast, project: Project) -> None:
    old = involve(project, cast.kehl, since=TODAY() - timedelta(days=30))
    left_on = TODAY() - timedelta(days=3)
    Accession.objects.filter(municipality=cast.town("kehl")).update(left_on=left_on)
    assert lead_of(project.pk) is None
    take_on(project=project, role="lead", by=cast.achern)
    old.refresh_from_db()
    assert old.until == left_on
    assert parts(project) == {"Achern": "lead"}


# -- leaving -----------------------------------------------------------------------------------------------------------


def test_leaving_keeps_the_history_and_frees_the_lead(cast: Cast, project: Project) -> None:
    part = involve(project, cast.kehl, since=TODAY() - timedelta(days=30))
    leave(project=project, by=cast.kehl, until=TODAY() - timedelta(days=1))
    part.refresh_from_db()
    assert part.until == TODAY() - timedelta(days=1)
    assert said() == "Kehl no longer leads “E-file”"
    assert parts_of(project)["lead"] == []
    assert leave(project=project, by=cast.kehl) is None
    assert take_on(project=project, role="lead", by=cast.achern)


def test_a_part_ends_between_its_beginning_and_today(cast: Cast, project: Project) -> None:
    involve(project, cast.kehl, since=TODAY() - timedelta(days=3))
    for days in (-4, 1):
        with pytest.raises(Refused):
            leave(project=project, by=cast.kehl, until=TODAY() + timedelta(days=days))


# -- handing over ------------------------------------------------------------------------------------------------------


def test_the_lead_goes_over_when_the_other_town_accepts(cast: Cast, project: Project) -> None:
    involve(project, cast.kehl, since=TODAY() - timedelta(days=30))
    involve(project, cast.achern, "reuser", since=TODAY() - timedelta(days=20))
    offer = hand_over(project=project, municipality=cast.town("achern"), word="You have more people", by=cast.kehl)
    assert parts(project) == {"Kehl": "lead", "Achern": "reuser"}, "nothing changes before Achern says yes"
    accept_offer(offer=offer, by=cast.achern)
    assert parts(project) == {"Achern": "lead", "Kehl": "contributor"}
    assert said() == "Achern takes over the lead of “E-file” from Kehl"
    assert Involvement.objects.filter(project=project, until__isnull=False).count() == 2
    changes = Change.objects.count()
    assert accept_offer(offer=offer, by=cast.achern).state == Offer.State.ACCEPTED
    assert Change.objects.count() == changes


def test_the_lead_can_leave_by_handing_over(cast: Cast, project: Project) -> None:
    involve(project, cast.kehl)
    offer = hand_over(project=project, municipality=cast.town("achern"), word="", by=cast.kehl, stay_as="")
    accept_offer(offer=offer, by=cast.achern)
    assert parts(project) == {"Achern": "lead"}


def test_a_hand_over_is_declined_with_a_word(cast: Cast, project: Project) -> None:
    involve(project, cast.kehl)
    offer = hand_over(project=project, municipality=cast.town("achern"), word="", by=cast.kehl)
    declined = decline_offer(offer=offer, answer="No time this year", by=cast.achern)
    assert (declined.state, declined.answer) == ("declined", "No time this year")
    assert parts(project) == {"Kehl": "lead"}
    with pytest.raises(Refused, match="said no already"):
        accept_offer(offer=offer, by=cast.achern)


def test_one_town_at_a_time_is_asked_to_take_over(cast: Cast, project: Project) -> None:
    involve(project, cast.kehl)
    offer = hand_over(project=project, municipality=cast.town("achern"), word="", by=cast.kehl)
    assert hand_over(project=project, municipality=cast.town("achern"), word="", by=cast.kehl) == offer
    with pytest.raises(Refused, match="Achern is asked already"):
        hand_over(project=project, municipality=cast.town("lahr"), word="", by=cast.kehl)
    withdraw_offer(offer=offer, by=cast.kehl)
    assert hand_over(project=project, municipality=cast.town("lahr"), word="", by=cast.kehl).pk != offer.pk


def test_only_who_leads_hands_over_and_not_to_itself(cast: Cast, project: Project) -> None:
    with pytest.raises(Refused, match="Kehl does not lead"):
        hand_over(project=project, municipality=cast.town("achern"), word="", by=cast.kehl)
    involve(project, cast.kehl)
    with pytest.raises(Refused, match="Kehl leads this project already"):
        hand_over(project=project, municipality=cast.town("kehl"), word="", by=cast.kehl)
    rastatt = cast.other_officer.municipality
    assert rastatt
    with pytest.raises(Refused, match="not a member of this network"):
        hand_over(project=project, municipality=rastatt, word="", by=cast.kehl)


def test_leaving_takes_the_question_back(cast: Cast, project: Project) -> None:
    involve(project, cast.kehl)
    offer = hand_over(project=project, municipality=cast.town("achern"), word="", by=cast.kehl)
    leave(project=project, by=cast.kehl)
    with pytest.raises(Refused, match="taken back"):
        accept_offer(offer=offer, by=cast.achern)


# -- proposing ---------------------------------------------------------------------------------------------------------


def test_the_coordinator_proposes_and_the_town_decides(cast: Cast, project: Project) -> None:
    offer = propose_part(project=project, municipality=cast.town("kehl"), role="lead", word="", by=cast.coordinator)
    assert parts(project) == {}
    for by in (cast.coordinator, cast.achern, cast.guide, cast.mayor):
        with pytest.raises(PermissionDenied):
            accept_offer(offer=offer, by=by)
        with pytest.raises(PermissionDenied):
            decline_offer(offer=offer, answer="", by=by)
    accept_offer(offer=offer, by=cast.kehl)
    assert parts(project) == {"Kehl": "lead"}


@pytest.mark.parametrize("who", ["kehl", "guide", "mayor", "guest", "other"])
def test_only_the_coordinator_proposes(cast: Cast, project: Project, who: str) -> None:
    with pytest.raises(PermissionDenied):
        propose_part(project=project, municipality=cast.town("achern"), role="reuser", word="", by=getattr(cast, who))


def test_a_form_sent_twice_asks_once(cast: Cast, project: Project) -> None:
    values: dict[str, Any] = {"project": project, "role": "reuser", "word": "", "by": cast.coordinator}
    values["request_id"] = uuid4()
    first = propose_part(municipality=cast.town("kehl"), **values)
    assert propose_part(municipality=cast.town("kehl"), **values) == first
    with pytest.raises(Refused, match="sent already"):
        hand_over(
            project=project, municipality=cast.town("lahr"), word="", by=cast.kehl, request_id=values["request_id"]
        )


def test_taking_on_by_oneself_answers_what_was_asked(cast: Cast, project: Project) -> None:
    kehl, achern = (
        propose_part(project=project, municipality=cast.town(name), role="lead", word="", by=cast.coordinator)
        for name in ("kehl", "achern")
    )
    take_on(project=project, role="lead", by=cast.kehl)
    kehl.refresh_from_db()
    achern.refresh_from_db()
    assert (kehl.state, achern.state) == ("accepted", "withdrawn")
    accession = Accession.objects.get(municipality=cast.town("achern"))
    assert f"asked-{accession.pk}" in Change.objects.latest("version").regions


def test_nothing_is_proposed_that_is_so_or_cannot_be(cast: Cast, project: Project) -> None:
    involve(project, cast.kehl)
    for town, role, why in (
        ("kehl", "lead", "has this part already"),
        ("achern", "lead", "Kehl leads this project"),
    ):
        with pytest.raises(Refused, match=why):
            propose_part(project=project, municipality=cast.town(town), role=role, word="", by=cast.coordinator)


def test_an_open_proposal_is_found_and_a_second_role_waits(cast: Cast, project: Project) -> None:
    values: dict[str, Any] = {"project": project, "municipality": cast.town("kehl"), "word": "", "by": cast.coordinator}
    offer = propose_part(role="reuser", **values)
    assert propose_part(role="reuser", **values) == offer
    with pytest.raises(Refused, match="asked about “E-file” already"):
        propose_part(role="contributor", **values)
    with pytest.raises(PermissionDenied):
        withdraw_offer(offer=offer, by=cast.kehl)
    withdraw_offer(offer=offer, by=cast.coordinator)
    changes = Change.objects.count()
    withdraw_offer(offer=offer, by=cast.coordinator)
    assert Change.objects.count() == changes


# -- joining -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def second(cast: Cast) -> Project:
    """Achern began the same."""
    project = make_project(cast.achern, "E-file for Achern")
    involve(project, cast.achern, since=TODAY() - timedelta(days=30))
    return project


def test_a_town_lets_its_project_go_on_in_another_one(cast: Cast, project: Project, second: Project) -> None:
    involve(project, cast.kehl)
    involve(second, cast.durbach, "reuser", since=TODAY() - timedelta(days=10))
    join(project=second, into=project, by=cast.achern)
    second.refresh_from_db()
    assert second.joined_to == project
    assert parts(second) == {}
    assert parts(project) == {"Kehl": "lead", "Achern": "contributor"}
    asked = Offer.objects.get(state="open")
    assert (asked.municipality, asked.project, asked.role) == (cast.town("durbach"), project, "reuser")
    accept_offer(offer=asked, by=cast.durbach)
    assert parts(project)["Durbach"] == "reuser"
    assert join(project=second, into=project, by=cast.achern) == second


def test_nobody_joins_what_another_town_leads(cast: Cast, project: Project, second: Project) -> None:
    for by in (cast.kehl, cast.coordinator, cast.guide, cast.other_officer):
        with pytest.raises(PermissionDenied):
            join(project=second, into=project, by=by)


def test_the_town_concerned_is_asked_to_join(cast: Cast, project: Project, second: Project) -> None:
    involve(project, cast.kehl)
    offer = propose_join(project=second, into=project, word="The same, is it not?", by=cast.kehl)
    assert offer.municipality == cast.town("achern")
    assert propose_join(project=second, into=project, word="", by=cast.coordinator) == offer
    accept_offer(offer=offer, by=cast.achern)
    second.refresh_from_db()
    assert second.joined_to == project
    assert said() == "“E-file for Achern” goes on in “E-file”"


def test_a_project_of_nobody_is_joined_by_whoever_entered_it(cast: Cast, project: Project, second: Project) -> None:
    with pytest.raises(Refused, match="Nobody leads"):
        propose_join(project=project, into=second, word="", by=cast.kehl)
    join(project=project, into=second, by=cast.coordinator)
    with pytest.raises(Refused):
        join(project=second, into=second, by=cast.achern)
    with pytest.raises(Refused, match="goes on in"):
        join(project=second, into=project, by=cast.achern)

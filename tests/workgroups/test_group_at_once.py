"""Groups at the same moment, over real transactions: one name, one lead, one place each, nothing after closing."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from collab.live.models import Change
from meetings.domain.ideas import park_idea
from meetings.domain.schedule import add_meeting
from meetings.models import Idea, Meeting
from tests.conftest import Cast, make_cast
from tests.test_races import assert_versions_gapless, at_once, errors, posting, signed_in, url
from workgroups.domain.admission import answer_admission, ask_to_join, invite_to_group, leave_group, set_group_role
from workgroups.domain.group import close_group, edit_group, take_lead
from workgroups.models import Admission, Group, GroupMembership

from .test_groups import found

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def test_ten_found_a_group_of_the_same_name(cast: Cast) -> None:
    people = [cast.kehl, cast.achern, cast.durbach, cast.guide, cast.coordinator] * 2
    outcomes = at_once(*(lambda by=by: found(by, "E-Akte") for by in people))
    assert errors(outcomes) == ["Refused"] * 9
    assert Group.objects.filter(name="E-Akte").count() == 1
    assert_versions_gapless(cast.network.pk)


def test_a_form_sent_ten_times_at_once_founds_one_group(cast: Cast) -> None:
    client, values = signed_in(cast.kehl), {"name": "E-Akte", "request_id": str(uuid4())}
    outcomes = at_once(*(posting(client, url("group_add"), values) for _k in range(10)))
    assert {outcome.value for outcome in outcomes} == {204}
    assert Group.objects.filter(name="E-Akte").count() == 1
    assert Change.objects.filter(verb="group_founded").count() == 1


def test_three_towns_take_the_lead_together(cast: Cast) -> None:
    group = found(cast.guide)
    officers = [cast.kehl, cast.achern, cast.durbach]
    GroupMembership.objects.bulk_create(GroupMembership(group=group, membership=one) for one in officers)
    outcomes = at_once(*(lambda by=by: take_lead(group=group, by=by) for by in officers))
    assert errors(outcomes) == ["Refused", "Refused"]
    group.refresh_from_db()
    assert all(str(group.lead_town) in str(outcome.error) for outcome in outcomes if outcome.error)


def test_asked_invited_and_admitted_together_is_in_once(cast: Cast) -> None:
    group = found(cast.kehl)
    ask = [lambda: ask_to_join(group=group, by=cast.guide)] * 4
    invite = [lambda: invite_to_group(group=group, membership=cast.guide, by=cast.kehl)] * 4
    outcomes = at_once(*ask, *invite)
    assert set(errors(outcomes)) <= {"Refused"}
    assert GroupMembership.objects.filter(group=group, membership=cast.guide).count() == 1
    assert not Admission.objects.filter(state="open").exists()
    assert Change.objects.filter(verb="group_joined").count() == 1
    assert_versions_gapless(cast.network.pk)


def test_admitted_and_declined_together_has_one_answer(cast: Cast) -> None:
    group = found(cast.kehl)
    request = ask_to_join(group=group, by=cast.guide)
    both = [(cast.kehl, True), (cast.coordinator, False)] * 3
    at_once(*(lambda by=by, yes=yes: answer_admission(admission=request, accept=yes, by=by) for by, yes in both))
    request.refresh_from_db()
    is_in = GroupMembership.objects.filter(group=group, membership=cast.guide).exists()
    assert (request.state == "accepted") == is_in
    assert Change.objects.filter(verb__in=("group_joined", "admission_declined")).count() == 1


def test_nothing_new_comes_into_a_group_while_it_is_closed(cast: Cast) -> None:
    group = found(cast.kehl)
    soon = timezone.localdate() + timedelta(days=9)
    at_once(
        lambda: close_group(group=group, word="Done", by=cast.kehl),
        lambda: park_idea(group=group, title="Late", text="", by=cast.kehl),
        lambda: add_meeting(group=group, title="Late", date=soon, start_time="09:00", minutes=60, by=cast.kehl),
        lambda: ask_to_join(group=group, by=cast.guide),
    )
    group.refresh_from_db()
    order = list(Change.objects.order_by("version").values_list("verb", flat=True))
    if group.state == "closed":
        assert not Meeting.objects.filter(group=group).exists()
        assert order[-1] == "group_closed", "what came before it is there, what came after it is not"
        assert Idea.objects.filter(group=group).count() == order.count("idea_parked")
    else:
        assert Meeting.objects.filter(group=group).count() == 1
    assert_versions_gapless(cast.network.pk)


def test_edited_led_left_and_given_roles_together(cast: Cast) -> None:
    group = found(cast.kehl)
    GroupMembership.objects.create(group=group, membership=cast.guide)
    values = {"purpose": "", "is_internal": True, "version": 1}
    outcomes = at_once(
        lambda: edit_group(group=group, name="One", by=cast.kehl, **values),
        lambda: edit_group(group=group, name="Two", by=cast.coordinator, **values),
        lambda: take_lead(group=group, by=cast.kehl),
        lambda: leave_group(group=group, by=cast.guide),
        lambda: set_group_role(group=group, membership=cast.guide, role="chair", by=cast.coordinator),
    )
    assert set(errors(outcomes)) <= {"Stale", "Refused"}
    group.refresh_from_db()
    assert group.lead_town == cast.town("kehl")
    assert not GroupMembership.objects.filter(group=group, membership=cast.guide).exists()
    assert_versions_gapless(cast.network.pk)

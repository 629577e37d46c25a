"""A person whose role changes for the same town keeps places in groups, action items and tasks in meetings to come."""

from __future__ import annotations

import pytest

from collab.live.models import Change
from collab.network.domain.membership import change_role, place
from collab.network.models import Membership
from tests.conftest import Cast, make_meeting
from tests.workgroups.conftest import make_action
from workgroups.domain.action_item import change_state
from workgroups.models import Group, GroupMembership
from workgroups.rules import group_role


@pytest.fixture
def circle(cast: Cast) -> Group:
    """The guide of Lahr chairs a working group."""
    group = Group.objects.create(network=cast.network, kind=Group.Kind.WORKING_GROUP, name="E-Payment")
    GroupMembership.objects.create(group=group, membership=cast.guide, role=GroupMembership.Role.CHAIR)
    return group


def become(cast: Cast, member: Membership, role: str, town: str) -> Membership:
    return change_role(
        membership=member,
        role=role,
        municipality=cast.town(town),
        organisation="",
        shown=place(member),
        by=cast.coordinator,
    )


def test_the_chair_of_a_group_stays_its_chair(cast: Cast, circle: Group) -> None:
    now = become(cast, cast.guide, "officer", "lahr")
    assert now.pk != cast.guide.pk
    assert group_role(now, circle) == "chair"
    assert f"group-members-{circle.pk}" in Change.objects.latest("version").regions


def test_action_items_and_meetings_to_come_go_along_and_what_was_held_stays(cast: Cast, circle: Group) -> None:
    values = {"municipality": cast.town("lahr"), "person": cast.guide, "by": cast.guide}
    action, done = make_action(cast, **values), make_action(cast, title="Done before", **values)
    change_state(action=done, state="done", note="", version=1, by=cast.guide)
    to_come, held = make_meeting(cast, chair=cast.guide), make_meeting(cast, chair=cast.guide, state="closed")
    now = become(cast, cast.guide, "officer", "lahr")
    for thing in (action, done, to_come, held):
        thing.refresh_from_db()
    assert action.person == now
    assert done.person == cast.guide
    assert to_come.chair == now
    assert held.chair == cast.guide


@pytest.mark.parametrize(("role", "town"), [("guide", "durbach"), ("guest", "lahr")])
def test_nothing_goes_to_another_town_or_to_a_guest(cast: Cast, circle: Group, role: str, town: str) -> None:
    now = become(cast, cast.guide, role, town)
    assert group_role(now, circle) is None
    assert circle.group_memberships.get().membership == cast.guide

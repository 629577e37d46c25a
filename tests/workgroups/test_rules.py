"""Who belongs to a group, and who may change what."""

from __future__ import annotations

import pytest

from collab.network.models import Membership
from tests.conftest import Cast
from workgroups.models import Group, GroupMembership
from workgroups.queries.group import groups_of
from workgroups.rules import group_role, is_group_member, may_add_action, may_update_action

from .conftest import make_action

EVERYBODY = ("coordinator", "kehl", "achern", "durbach", "mayor", "guide", "guest", "other", "other_officer")


def test_officers_belong_to_their_exchange_and_mayors_to_the_plenum_by_office(cast: Cast) -> None:
    plenum = Group.objects.create(network=cast.network, kind=Group.Kind.PLENUM, name="Plenum")
    in_exchange = {name for name in EVERYBODY if is_group_member(getattr(cast, name), cast.group)}
    in_plenum = {name for name in EVERYBODY if is_group_member(getattr(cast, name), plenum)}
    assert in_exchange == {"coordinator", "kehl", "achern", "durbach"}
    assert in_plenum == {"coordinator", "mayor"}


def test_a_role_in_a_group_is_named_by_its_row_and_the_coordinator_chairs_everywhere(cast: Cast) -> None:
    group = Group.objects.create(network=cast.network, kind=Group.Kind.WORKING_GROUP, name="E-Akte")
    GroupMembership.objects.create(group=group, membership=cast.guide, role="minutes")
    assert group_role(cast.guide, group) == "minutes"
    assert group_role(cast.coordinator, group) == "chair"
    assert group_role(cast.kehl, group) is None
    assert group_role(cast.other, group) is None


def test_my_groups_are_those_i_belong_to(cast: Cast) -> None:
    own = Group.objects.create(network=cast.network, kind=Group.Kind.WORKING_GROUP, name="E-Akte")
    GroupMembership.objects.create(group=own, membership=cast.guide)
    assert list(groups_of(cast.guide)) == [own]
    assert list(groups_of(cast.achern)) == [cast.group]
    assert set(groups_of(cast.coordinator)) == {own, cast.group}
    assert list(groups_of(cast.guest)) == []


def test_who_left_has_no_say(cast: Cast) -> None:
    action = make_action(cast)
    cast.kehl.ended_on = cast.kehl.started_on
    assert not may_update_action(cast.kehl, action)
    assert not may_add_action(cast.kehl)
    assert group_role(cast.kehl, cast.group) is None


@pytest.mark.parametrize("name", EVERYBODY)
def test_only_the_responsible_town_and_the_coordinator_change_its_action_item(cast: Cast, name: str) -> None:
    action = make_action(cast)
    assert may_update_action(getattr(cast, name), action) == (name in ("coordinator", "kehl"))


def test_the_responsible_person_and_the_chair_of_the_group_may_change_it(cast: Cast) -> None:
    group = Group.objects.create(network=cast.network, kind=Group.Kind.WORKING_GROUP, name="E-Akte")
    GroupMembership.objects.create(group=group, membership=cast.durbach, role="chair")
    GroupMembership.objects.create(group=group, membership=cast.achern, role="member")
    action = make_action(cast, municipality=None, person=cast.mayor, group=group)
    assert may_update_action(cast.mayor, action)
    assert may_update_action(cast.durbach, action)
    assert not may_update_action(cast.achern, action)


@pytest.mark.parametrize("name", EVERYBODY)
def test_who_may_add(cast: Cast, name: str) -> None:
    member: Membership = getattr(cast, name)
    allowed = ("coordinator", "kehl", "achern", "durbach", "guide", "other", "other_officer")
    assert may_add_action(member) == (name in allowed)

"""The operator names who chairs a group: it is on record, and the screens of those concerned get their new controls."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from collab.live.models import Change
from collab.network.models import Person
from tests.conftest import Cast
from workgroups.models import GroupMembership


def test_a_new_chair_is_recorded_and_gets_their_controls(cast: Cast) -> None:
    operator = Client()
    operator.force_login(Person.objects.create_superuser("operator@it.example", "Operator", "Rathaus-am-Rhein-77"))
    existing = GroupMembership.objects.get()
    form = {
        "network": cast.network.pk,
        "kind": cast.group.kind,
        "name": cast.group.name,
        "purpose": "",
        "quorum": "majority",
        "group_memberships-TOTAL_FORMS": 2,
        "group_memberships-INITIAL_FORMS": 1,
        "group_memberships-0-id": existing.pk,
        "group_memberships-0-group": cast.group.pk,
        "group_memberships-0-membership": existing.membership_id,
        "group_memberships-0-role": existing.role,
        "group_memberships-1-group": cast.group.pk,
        "group_memberships-1-membership": cast.kehl.pk,
        "group_memberships-1-role": "chair",
    }
    answer = operator.post(reverse("admin:workgroups_group_change", args=[cast.group.pk]), form)
    assert answer.status_code == 302, answer.context["errors"]
    change = Change.objects.get(verb="group_set")
    assert change.access == [cast.kehl.person_id]

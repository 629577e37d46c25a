"""What whoever leads fills in while the meeting runs: short forms, one thing each."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from collab.live.answers import OnceForm
from collab.network.models import Membership, Role
from meetings.models import Kind, Meeting
from workgroups.forms.fields import PersonField
from workgroups.models import Group, GroupMembership
from workgroups.queries.group import open_members
from workgroups.rules import BORN_MEMBERS


class ExpectedForm(forms.Form):
    """Names what the person saw when they decided; empty or 0 means "nobody" and "none"."""

    expected = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**53, required=False)

    def clean_expected(self) -> int | None:
        return self.cleaned_data["expected"] or None


class SplitForm(OnceForm):
    title = forms.CharField(label=gettext_lazy("Title of the new item"), max_length=200)
    minutes = forms.IntegerField(label=gettext_lazy("Minutes"), min_value=1, max_value=600, initial=10)


class SpotForm(OnceForm, ExpectedForm):
    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    minutes = forms.IntegerField(label=gettext_lazy("Minutes"), min_value=1, max_value=600, initial=10)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=Kind, initial=Kind.DISCUSSION)
    start = forms.BooleanField(label=gettext_lazy("Start it now"), required=False)
    field_order = ["title", "minutes", "kind", "start"]


class HandOverForm(ExpectedForm):
    to = PersonField(
        Membership.objects.none(), label=gettext_lazy("To whom"), empty_label=gettext_lazy("Please choose")
    )

    def __init__(self, data: Any = None, *, meeting: Meeting, holder: Membership | None) -> None:
        super().__init__(data, initial={"expected": holder.pk if holder else 0})
        people = open_members(meeting.network).exclude(role=Role.GUEST)
        people = people.exclude(pk=holder.pk) if holder else people
        field = self.fields["to"]
        field.queryset = people  # type: ignore[attr-defined]
        field.choices = _by_group(field, list(people), meeting)  # type: ignore[attr-defined, arg-type]


def _by_group(field: PersonField, people: list[Membership], meeting: Meeting) -> list[tuple[Any, Any]]:
    """Return the people of the meeting's group first, then everybody else, each under a heading."""
    inside = _members_of(meeting.group, people)
    groups = ((str(meeting.group.name), inside), (_("Others"), [one for one in people if one not in inside]))
    named = [(name, [(one.pk, field.label_from_instance(one)) for one in some]) for name, some in groups if some]
    return [("", field.empty_label), *named]


def _members_of(group: Group, people: list[Membership]) -> list[Membership]:
    """Return those who belong to the group, by a role in it or by their office; one query."""
    named = set(GroupMembership.objects.filter(group=group).values_list("membership_id", flat=True))
    born = BORN_MEMBERS.get(Group.Kind(group.kind))
    return [one for one in people if one.is_coordinator or one.pk in named or one.role == born]

"""What people type about groups: shape and length; the domain decides what is possible."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from collab.files import CheckedFileField
from collab.live.answers import OnceForm, VersionForm
from collab.network.models import Membership, Role
from workgroups.models import Group, GroupMembership
from workgroups.queries.admission import to_invite

from .fields import PersonField


def word_field(**more: Any) -> forms.CharField:
    values = {"required": False, "max_length": 500, "widget": forms.Textarea(attrs={"rows": 3})}
    return forms.CharField(**{**values, **more})


class _ProfileForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120)
    purpose = forms.CharField(
        label=_("Purpose"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What it works on, and who is welcome: others decide by this whether to join."),
    )
    is_internal = forms.BooleanField(
        label=_("Internal: meetings, files and the parking lot are for its members only"),
        required=False,
        help_text=_("Its members, decisions and action items can be seen by the whole network all the same."),
    )


class GroupForm(_ProfileForm, OnceForm):
    """A new group. The coordinator chooses what kind it is; officers and guides found working groups."""

    kind = forms.ChoiceField(label=_("Kind"), choices=Group.Kind, initial=Group.Kind.WORKING_GROUP)
    leads = forms.BooleanField(required=False)
    field_order = ["name", "kind", "purpose", "leads", "is_internal"]

    def __init__(self, *args: Any, by: Membership, **more: Any) -> None:
        super().__init__(*args, **more)
        self.by = by
        if not by.is_coordinator:
            del self.fields["kind"]
        if by.role == Role.OFFICER and by.municipality:
            self.fields["leads"].label = _("%(town)s leads the group (Federführung)") % {"town": by.municipality}
        else:
            del self.fields["leads"]

    def values(self) -> dict[str, Any]:
        """Return what `create_group` takes."""
        given = dict(self.cleaned_data)
        leads = given.pop("leads", False)
        kind = given.pop("kind", Group.Kind.WORKING_GROUP)
        return {**given, "kind": kind, "lead_town": self.by.municipality if leads else None}


class EditGroupForm(_ProfileForm, VersionForm):
    def __init__(self, data: QueryDict | None, *, group: Group) -> None:
        shown = ("name", "purpose", "is_internal", "version")
        super().__init__(data, initial={name: getattr(group, name) for name in shown})


class CloseGroupForm(forms.Form):
    word = word_field(
        label=_("What came of it?"),
        required=True,
        help_text=_("One or two sentences: the result, or why the group ends. Everybody in the network can read it."),
    )


class JoinForm(forms.Form):
    word = word_field(label=_("A word to the chair"))


class InviteForm(forms.Form):
    membership = PersonField(
        label=_("Person"), queryset=Membership.objects.none(), empty_label=_("Please choose"), required=True
    )
    word = word_field(label=_("A word beside"))

    def __init__(self, *args: Any, group: Group, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["membership"].queryset = to_invite(group)  # type: ignore[attr-defined]


class DeclineForm(forms.Form):
    answer = word_field(label=_("A word why"))


class GroupRoleForm(forms.Form):
    role = forms.ChoiceField(label=_("Role in the group"), choices=GroupMembership.Role, widget=forms.RadioSelect)


class GroupFileForm(forms.Form):
    file = CheckedFileField()

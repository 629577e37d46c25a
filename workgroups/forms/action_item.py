"""What people type about action items: shape and length; the domain decides what is possible."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from collab.live.answers import OnceForm, VersionForm
from collab.network.models import Membership, Municipality
from workgroups import rules
from workgroups.models import ActionItem
from workgroups.queries.action_item import ActionFilter, meeting_choices, person_choices, town_choices
from workgroups.queries.group import people_for, towns_for

from .fields import PersonField, day_field

State = ActionItem.State


class _Responsible(forms.Form):
    """Who does what: the fields that adding and editing share."""

    title = forms.CharField(label=_("What is to be done"), max_length=300)
    municipality = forms.ModelChoiceField(
        label=_("Responsible municipality"),
        queryset=Municipality.objects.none(),
        required=False,
        empty_label=_("Please choose"),
        help_text=_("If you only choose a person, their municipality is responsible."),
    )
    person = PersonField(
        label=_("Responsible person"),
        queryset=Membership.objects.none(),
        required=False,
        empty_label=_("Nobody named yet"),
        help_text=_("The person can also be named later."),
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not self.errors and not values.get("municipality") and not values.get("person"):
            self.add_error("municipality", _("Choose the municipality or the person who is responsible."))
        return values


class ActionForm(_Responsible, OnceForm):
    due_on = day_field(label=_("Due on"), required=False)
    note = forms.CharField(label=_("Note"), required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 4}))
    field_order = ["title", "municipality", "person", "due_on", "note"]

    def __init__(self, *args: Any, by: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["municipality"].queryset = towns_for(by)  # type: ignore[attr-defined]
        self.fields["person"].queryset = people_for(by)  # type: ignore[attr-defined]
        self.fields["municipality"].initial = by.municipality_id


class EditActionForm(_Responsible, VersionForm):
    note = forms.CharField(label=_("Note"), required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 4}))
    field_order = ["title", "municipality", "person", "note"]

    def __init__(self, data: QueryDict | None, *, action: ActionItem, by: Membership) -> None:
        shown = ("title", "municipality", "person", "note", "version")
        super().__init__(data, initial={name: getattr(action, name) for name in shown})
        # Who is responsible now stays to be chosen, even if they left the network meanwhile.
        town = Municipality.objects.filter(pk=action.municipality_id or "").distinct()
        person = Membership.objects.filter(pk=action.person_id or 0)
        self.fields["municipality"].queryset = towns_for(by) | town  # type: ignore[attr-defined]
        self.fields["person"].queryset = people_for(by) | person  # type: ignore[attr-defined]
        if not rules.may_update_action(by, action):
            for name in ("municipality", "person"):
                self.fields[name].disabled = True
                self.fields[name].help_text = _("Only the responsible municipality and the coordinator change this.")


class StateForm(VersionForm):
    state = forms.ChoiceField(label=pgettext_lazy("action item", "State"), choices=State)
    state_note = forms.CharField(
        label=_("What is there to say about it?"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("For example the result, or why it is dropped."),
    )
    field_order = ["state", "state_note"]


class DueForm(VersionForm):
    due_on = day_field(label=_("New due date"), required=False, help_text=_("Leave it empty to remove the date."))
    due_reason = forms.CharField(label=_("Reason"), required=False, max_length=500)
    field_order = ["due_on", "due_reason"]


class ActionFilterForm(forms.Form):
    """The bar above the log; the tabs stand below it."""

    state = forms.CharField(widget=forms.HiddenInput, required=False)
    town = forms.ChoiceField(label=_("Municipality"), required=False)
    person = forms.ChoiceField(label=_("Person"), required=False)
    meeting = forms.ChoiceField(label=_("Meeting"), required=False)
    q = forms.CharField(
        label=_("Search"), required=False, widget=forms.TextInput(attrs={"type": "search", "maxlength": 80})
    )

    def __init__(self, network_id: int, wanted: ActionFilter) -> None:
        values = ("state", "town", "person", "meeting", "q")
        super().__init__(initial={name: getattr(wanted, name) for name in values}, auto_id="filter_%s")
        for name, every, choices in (
            ("town", _("All municipalities"), town_choices(network_id)),
            ("person", _("Everybody"), person_choices(network_id)),
            ("meeting", _("All meetings"), meeting_choices(network_id)),
        ):
            self.fields[name].choices = [("", every), *choices]  # type: ignore[attr-defined]

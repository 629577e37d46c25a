"""What people type about action items: shape and length; the domain decides what is possible."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from collab.live.answers import OnceForm, VersionForm
from collab.network.models import Membership, Municipality
from workgroups import rules
from workgroups.models import ActionItem, Group, Project
from workgroups.queries.action_form import (
    birthplace_is_fixed,
    groups_to_choose,
    people_to_name,
    projects_to_choose,
    towns_to_name,
)
from workgroups.queries.action_item import (
    ActionFilter,
    group_choices,
    meeting_choices,
    person_choices,
    project_choices,
    town_choices,
)
from workgroups.queries.group import active_towns, people_for, towns_for

from .fields import PersonField, day_field

State = ActionItem.State
# What is filtered by more seldom.
FOLDED = ("project", "group", "meeting")


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

    project = forms.ModelChoiceField(
        label=_("Project"), queryset=Project.objects.none(), required=False, empty_label=_("No project")
    )
    group = forms.ModelChoiceField(
        label=_("Group"), queryset=Group.objects.none(), required=False, empty_label=_("No group")
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        values.setdefault("municipality", None)
        if not self.errors and not values["municipality"] and not values.get("person") and not values.get("ask"):
            field = "municipality" if "municipality" in self.fields else "person"
            self.add_error(field, _("Choose the municipality or the person who is responsible."))
        return values

    def offer(self, name: str, choices: QuerySet[Any]) -> None:
        """Let one of these be chosen; a field with nothing to choose is left out."""
        self.fields[name].queryset = choices  # type: ignore[attr-defined]
        if name in ("municipality", "group") and not choices.exists():
            del self.fields[name]


def _coming(day: date | None, before: date | None = None) -> date | None:
    """Return the day, which is to come; a day that stands there already may be over."""
    if day and day != before and day < timezone.localdate():
        raise forms.ValidationError(_("This day is over. Choose today or a later day."))
    return day


class ActionForm(_Responsible, OnceForm):
    ask = forms.ModelChoiceField(
        label=_("Ask another municipality to take it over"),
        queryset=Municipality.objects.none(),
        required=False,
        empty_label=_("Nobody is asked"),
        help_text=_("It decides itself. Until it accepts, the action item stays where it is."),
    )
    due_on = day_field(label=_("Due on"), required=False)
    follow_up_on = day_field(
        label=_("Follow-up on"), required=False, help_text=_("On this day it comes up again, whatever the due date.")
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 4}))
    field_order = ["title", "municipality", "person", "ask", "due_on", "follow_up_on", "project", "group", "note"]

    def __init__(self, *args: Any, by: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("municipality", towns_for(by))
        self.offer("person", people_for(by))
        self.offer("ask", active_towns(by.network).exclude(pk=by.municipality_id or ""))
        self.offer("project", projects_to_choose(by.network_id))
        self.offer("group", groups_to_choose(by))
        if "municipality" in self.fields:
            self.fields["municipality"].initial = by.municipality_id
        else:
            self.fields["person"].initial = by.pk
            self.fields["person"].help_text = ""
            self.fields["ask"].label = _("Ask a municipality to take it over")

    def clean_follow_up_on(self) -> date | None:
        return _coming(self.cleaned_data["follow_up_on"])


class EditActionForm(_Responsible, VersionForm):
    note = forms.CharField(label=_("Note"), required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 4}))
    field_order = ["title", "municipality", "person", "project", "group", "note"]

    def __init__(self, data: QueryDict | None, *, action: ActionItem, by: Membership) -> None:
        shown = ("title", "municipality", "person", "project", "group", "note", "version")
        super().__init__(data, initial={name: getattr(action, name) for name in shown})
        self.action = action
        # Who is responsible now stays to be chosen, even if they left the network meanwhile.
        self.offer("municipality", towns_to_name(by, action))
        self.offer("person", people_to_name(by, action))
        self.offer("project", projects_to_choose(action.network_id, action.project_id))
        self.offer("group", groups_to_choose(by, action.group_id))
        if not rules.may_update_action(by, action):
            self._leave("municipality", "person", "group")
        elif "group" in self.fields and birthplace_is_fixed(action):
            self.fields["group"].disabled = True
            self.fields["group"].help_text = _("It was agreed in a meeting of this group and stays with it.")

    def _leave(self, *names: str) -> None:
        for name in (name for name in names if name in self.fields):
            self.fields[name].disabled = True
            self.fields[name].help_text = _("Only the responsible municipality and the coordinator change this.")

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if "group" not in self.fields:
            values["group"] = self.action.group
        return values


class FollowUpForm(VersionForm):
    follow_up_on = day_field(
        label=_("Follow-up on"), required=False, help_text=_("On this day it comes up again. Leave it empty for none.")
    )

    def clean_follow_up_on(self) -> date | None:
        return _coming(self.cleaned_data["follow_up_on"], self.initial.get("follow_up_on"))


class HandOverForm(OnceForm):
    municipality = forms.ModelChoiceField(
        label=_("Municipality"),
        queryset=Municipality.objects.none(),
        empty_label=_("Please choose"),
        help_text=_("It decides itself. Until it accepts, the action item stays where it is."),
    )
    word = forms.CharField(
        label=_("A word to them"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, action: ActionItem, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        towns = active_towns(action.network).exclude(pk=action.municipality_id or "")
        self.fields["municipality"].queryset = towns  # type: ignore[attr-defined]


class MoveForm(VersionForm):
    """What a button of the board sends."""

    state = forms.ChoiceField(choices=[(s.value, s.label) for s in State if s != State.DROPPED])


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

    state: forms.Field = forms.CharField(widget=forms.HiddenInput, required=False)
    town = forms.ChoiceField(label=_("Municipality"), required=False)
    person = forms.ChoiceField(label=_("Person"), required=False)
    project = forms.ChoiceField(label=_("Project"), required=False)
    group = forms.ChoiceField(label=_("Group"), required=False)
    meeting = forms.ChoiceField(label=_("Meeting"), required=False)
    q = forms.CharField(
        label=_("Search"), required=False, widget=forms.TextInput(attrs={"type": "search", "maxlength": 80})
    )

    def __init__(self, network_id: int, wanted: ActionFilter) -> None:
        values = ("state", "town", "person", "project", "group", "meeting", "q")
        super().__init__(initial={name: getattr(wanted, name) for name in values}, auto_id="filter_%s")
        for name, every, choices in (
            ("town", _("All municipalities"), town_choices(network_id)),
            ("person", _("Everybody"), person_choices(network_id)),
            ("project", _("All projects"), project_choices(network_id)),
            ("group", _("All groups"), group_choices(network_id)),
            ("meeting", _("All meetings"), meeting_choices(network_id, wanted.meeting)),
        ):
            self.fields[name].choices = [("", every), *choices]  # type: ignore[attr-defined]
            # What nothing was done for yet is nothing to filter by.
            if not choices and not getattr(wanted, name):
                del self.fields[name]

    @property
    def first(self) -> list[forms.BoundField]:
        """The fields that stand in the bar; the others fold away."""
        return [field for field in self.visible_fields() if field.name not in FOLDED]

    @property
    def further(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if field.name in FOLDED]

    @property
    def is_narrowed_further(self) -> bool:
        return any(self.initial[name] for name in FOLDED)


class BoardFilterForm(ActionFilterForm):
    """The bar above the board: its columns are the states, so it asks for what is urgent."""

    state = forms.ChoiceField(
        label=_("Show"),
        required=False,
        choices=[
            ("open", pgettext_lazy("action items", "All")),
            ("overdue", pgettext_lazy("action items", "Overdue")),
            ("follow_up", pgettext_lazy("action items", "Follow-up due")),
        ],
    )
    field_order = ["q", "state", "town", "person", "project", "group", "meeting"]

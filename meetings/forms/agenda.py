from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy

from collab.files import CheckedFileField
from collab.live.answers import OnceForm, VersionForm
from collab.network.models import Membership, Municipality, Role
from meetings.models import AgendaItem, Kind
from workgroups.forms.fields import LinksField, PersonField
from workgroups.models import Project
from workgroups.queries.group import active_towns, open_members

NOBODY = gettext_lazy("– nobody –")


class _ItemFields(forms.Form):
    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=Kind, initial=Kind.DISCUSSION)
    minutes = forms.IntegerField(label=gettext_lazy("Minutes"), min_value=1, max_value=600, initial=10)
    municipality = forms.ModelChoiceField(
        Municipality.objects.none(),
        label=gettext_lazy("Presenting municipality"),
        required=False,
        empty_label=NOBODY,
    )
    presenter = forms.CharField(label=gettext_lazy("Presented by"), max_length=120, required=False)
    project = forms.ModelChoiceField(
        Project.objects.none(),
        label=gettext_lazy("About the project"),
        required=False,
        empty_label=gettext_lazy("– none –"),
        help_text=gettext_lazy("Its profile is shown with the item, and the towns can take part from there."),
    )
    text = forms.CharField(
        label=gettext_lazy("Text"), max_length=10_000, required=False, widget=forms.Textarea(attrs={"rows": 5})
    )
    links = LinksField()

    def __init__(self, *args: Any, membership: Membership, any_town: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        towns = active_towns(membership.network)
        self.fields["municipality"].queryset = towns if any_town else towns.filter(pk=membership.municipality_id)  # type: ignore[attr-defined]
        projects = Project.objects.filter(network=membership.network_id)
        present = getattr(self.initial.get("project"), "pk", None)
        self.fields["project"].queryset = projects.filter(Q(joined_to=None) | Q(pk=present))  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """Return the item's fields without the form's own."""
        return {k: v for k, v in self.cleaned_data.items() if k not in ("version", "request_id", "file")}


class ProposeForm(_ItemFields, OnceForm):
    file = CheckedFileField(required=False)
    field_order = ["title", "kind", "minutes", "municipality", "presenter", "project", "text", "links", "file"]


class EditItemForm(_ItemFields, VersionForm):
    @staticmethod
    def initial_of(item: AgendaItem) -> dict[str, Any]:
        fields = ("title", "kind", "minutes", "municipality", "presenter", "project", "text", "version")
        return {**{name: getattr(item, name) for name in fields}, "links": item.links}


class AnswerForm(forms.Form):
    answer = forms.CharField(
        label=gettext_lazy("A word why"),
        max_length=500,
        help_text=gettext_lazy("The proposing municipality reads it."),
    )


class NotesForm(VersionForm):
    notes = forms.CharField(
        label=gettext_lazy("Notes"), max_length=20_000, required=False, widget=forms.Textarea(attrs={"rows": 6})
    )


class FileForm(forms.Form):
    file = CheckedFileField()


class PlaceForm(forms.Form):
    """Where an item was dropped."""

    parent = forms.IntegerField(required=False, min_value=1)
    before = forms.IntegerField(required=False, min_value=1)


class PeopleForm(VersionForm):
    chair = PersonField(Membership.objects.none(), label=gettext_lazy("Chair"), required=False, empty_label=NOBODY)
    minute_taker = PersonField(
        Membership.objects.none(), label=gettext_lazy("Minute-taker"), required=False, empty_label=NOBODY
    )

    def __init__(self, *args: Any, by: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("chair", "minute_taker"):
            self.fields[name].queryset = open_members(by.network).exclude(role=Role.GUEST)  # type: ignore[attr-defined]

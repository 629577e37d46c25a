"""The bar above the coverage, and what a town says of a service."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from collab.live.answers import VersionForm
from collab.network.models import Municipality
from workgroups import ozg
from workgroups.models import Project, ServiceStatus
from workgroups.queries.coverage import CoverageFilter, situations_by_field
from workgroups.queries.services import projects_serving


class CoverageFilterForm(forms.Form):
    """The bar above the list; the tabs stand below it. `towns` are those whose gaps the person may look at."""

    show = forms.CharField(widget=forms.HiddenInput, required=False)
    town = forms.ChoiceField(label=_("Municipality"), required=False)
    field = forms.ChoiceField(label=_("Policy field"), required=False)
    situation = forms.ChoiceField(label=_("Life situation"), required=False)
    q = forms.CharField(
        label=_("Search"), required=False, widget=forms.TextInput(attrs={"type": "search", "maxlength": 80})
    )

    def __init__(self, wanted: CoverageFilter, *, town: str = "", towns: Sequence[Municipality] = ()) -> None:
        values = ("show", "field", "situation", "q")
        initial = {**{name: getattr(wanted, name) for name in values}, "town": town}
        super().__init__(initial=initial, auto_id="filter_%s")
        fields: Any = self.fields
        fields["field"].choices = [("", _("All policy fields")), *((name, name) for name in ozg.policy_fields())]
        fields["situation"].choices = [("", _("All life situations")), *situations_by_field()]
        fields["town"].choices = [("", _("The whole network")), *((t.pk, t.short_name) for t in towns)]
        if len(towns) < 2:
            # A town's own people change between the network and their town by the tabs.
            fields["town"].widget = forms.HiddenInput()


class StateForm(VersionForm):
    """What a town says of a service."""

    maturity = forms.TypedChoiceField(label=_("Maturity"), coerce=int, empty_value=None)
    address = forms.URLField(
        label=_("Address of the service"),
        required=False,
        max_length=500,
        assume_scheme="https",
        help_text=_("Where citizens and companies find it."),
    )
    project = forms.ModelChoiceField(
        label=_("Project"),
        queryset=Project.objects.none(),
        required=False,
        empty_label=pgettext_lazy("project", "None"),
        help_text=_("With which project of the network it came about."),
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=300)
    field_order = ["maturity", "address", "project", "note"]

    def __init__(
        self, data: QueryDict | None, *, network_id: int, ozg_id: int, status: ServiceStatus | None, derived: int | None
    ) -> None:
        shown = ("maturity", "address", "project", "note", "version")
        said = {name: getattr(status, name) for name in shown} if status else {"maturity": derived, "version": 0}
        super().__init__(data, initial=said)
        projects = projects_serving(network_id, ozg_id)
        if status and status.project_id:
            projects = projects | Project.objects.filter(pk=status.project_id)
        fields: Any = self.fields
        fields["project"].queryset = projects
        levels = [(level, f"{level} – {label}") for level, label in ozg.LEVELS.items()]
        fields["maturity"].choices = levels if said["maturity"] is not None else [("", _("Please choose")), *levels]


class TakeBackForm(VersionForm):
    """Withdraws what the town said; there is nothing to fill in."""

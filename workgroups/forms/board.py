"""The bar above the board: each change of it is an address that can be passed on."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from workgroups.models import Project
from workgroups.queries.board import NO_BLOCK, BoardFilter, towns_of
from workgroups.queries.project import blocks_of


class BoardFilterForm(forms.Form):
    view = forms.CharField(widget=forms.HiddenInput, required=False)
    by = forms.ChoiceField(
        label=_("Grouped by"), required=False, choices=[("block", _("topic block")), ("phase", _("phase"))]
    )
    block = forms.ChoiceField(label=_("Topic block"), required=False)
    phase = forms.ChoiceField(label=_("Phase"), required=False, choices=[("", _("All phases")), *Project.Phase.choices])
    town = forms.ChoiceField(label=_("Municipality"), required=False)
    who = forms.ChoiceField(
        label=_("Which"),
        required=False,
        choices=[
            ("", _("All projects")),
            ("nobody", pgettext_lazy("projects", "Nobody yet")),
            ("twice", _("Begun more than once")),
            ("does", _("What the municipality does")),
            ("could", _("What it could reuse")),
        ],
    )
    q = forms.CharField(
        label=_("Search"), required=False, widget=forms.TextInput(attrs={"type": "search", "maxlength": 80})
    )

    def __init__(self, network_id: int, wanted: BoardFilter) -> None:
        values = ("view", "by", "block", "phase", "town", "who", "q")
        initial = {name: getattr(wanted, name) for name in values}
        super().__init__(initial=initial, auto_id="filter_%s")
        blocks = [("", _("All topic blocks")), *blocks_of(network_id).items(), (NO_BLOCK, _("No topic block yet"))]
        towns = [("", _("All municipalities")), *((town.pk, town.short_name) for town in towns_of(network_id))]
        self.fields["block"].choices = blocks  # type: ignore[attr-defined]
        self.fields["town"].choices = towns  # type: ignore[attr-defined]

"""What people type about experience handed on: the report of a lead, and the record of a town that reuses."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from collab.live.answers import VersionForm
from collab.network.models import Municipality
from workgroups.domain.experience import TEXTS
from workgroups.models import ExperienceReport, Reuse
from workgroups.queries.experience import sources_for

from .fields import day_field


def _text(label: Any, length: int, rows: int, help_text: Any = "") -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=False, max_length=length, widget=widget, help_text=help_text)


class ReportForm(VersionForm):
    """The experience report, the whole of it; what is not known yet stays empty."""

    took = _text(
        _("What it took"), 5000, 5, _("Time, people, contracts, works council, data protection, what came before what.")
    )
    cost = _text(_("What it cost"), 3000, 3, _("Once and per year, money and working time."))
    differently = _text(_("What we would do differently"), 5000, 4)
    needed = _text(
        _("What another municipality needs to start"),
        5000,
        6,
        _("One step per line: this becomes the checklist of whoever takes it over."),
    )
    whom_to_call = forms.CharField(
        label=_("Whom to call"),
        required=False,
        max_length=300,
        help_text=_("Office or function and how it is reached."),
    )
    field_order = list(TEXTS)

    def __init__(self, data: QueryDict | None, *, report: ExperienceReport | None) -> None:
        initial = {name: getattr(report, name) for name in TEXTS} if report else {}
        super().__init__(data, initial={**initial, "version": report.version if report else 0})

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not self.errors and not any(values.get(name) for name in TEXTS):
            self.add_error("took", _("Write down at least one thing that others can use."))
        return values


class ReuseForm(VersionForm):
    """From whom a town took it over, how far it is, and with what result."""

    state = forms.ChoiceField(label=pgettext_lazy("reuse", "State"), choices=Reuse.State)
    started_on = day_field(label=_("Started on"), required=False, help_text=_("Empty: today, once it has started."))
    taken_from = forms.ModelChoiceField(
        label=_("Taken over from"),
        queryset=Municipality.objects.none(),
        required=False,
        empty_label=_("Nobody in particular"),
        help_text=_("Whose experience you build on: the lead, or another municipality that reuses it."),
    )
    result = _text(_("Result"), 3000, 4, _("What came of it, what was different with you, what you advise others."))
    field_order = ["state", "started_on", "taken_from", "result"]

    def __init__(self, data: QueryDict | None, *, reuse: Reuse) -> None:
        shown = ("state", "started_on", "taken_from", "result", "version")
        super().__init__(data, initial={name: getattr(reuse, name) for name in shown})
        self.fields["taken_from"].queryset = sources_for(reuse)  # type: ignore[attr-defined]


class StepsForm(forms.Form):
    """Own lines for the checklist; the same line is not added twice, so the form needs no mark of its own."""

    lines = forms.CharField(
        label=_("Steps"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One step per line."),
    )

    def clean_lines(self) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data["lines"].splitlines() if line.strip()]
        if not lines:
            raise forms.ValidationError(_("Write at least one step."))
        return lines

"""What is asked about minutes: the texts of a draft, finalising, an objection."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from collab.live.answers import OnceForm, VersionForm
from meetings.models import Minutes, MinutesApproval


class TextForm(VersionForm):
    result = forms.CharField(
        label=gettext_lazy("Result"),
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("What came of it, in a sentence or two. Decisions stand below by themselves."),
    )
    notes = forms.CharField(
        label=gettext_lazy("Notes"), max_length=20_000, required=False, widget=forms.Textarea(attrs={"rows": 8})
    )


class FootForm(VersionForm):
    remarks = forms.CharField(
        label=gettext_lazy("Remarks"), max_length=5000, required=False, widget=forms.Textarea(attrs={"rows": 5})
    )
    distribution = forms.CharField(
        label=gettext_lazy("Distribution list"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Who gets the minutes, such as “members of the group, all mayors”."),
    )

    @staticmethod
    def initial_of(minutes: Minutes) -> dict[str, Any]:
        return {name: getattr(minutes, name) for name in ("remarks", "distribution", "version")}


class FinaliseForm(OnceForm, VersionForm):
    """Which draft the person looked at; for a later version what it changes and which objections it takes up."""

    seen = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)
    reason = forms.CharField(
        label=gettext_lazy("What this version changes, and why"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("It is printed in the minutes."),
    )
    answers = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Objections that this version takes up"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(
        self,
        data: QueryDict | None,
        *,
        is_first: bool,
        objections: Sequence[MinutesApproval],
        initial: dict[str, Any],
    ) -> None:
        answers = [said.pk for said in objections]
        super().__init__(data, initial={**initial, "answers": answers})
        if is_first:
            del self.fields["reason"]
        if objections:
            self.fields["answers"].choices = [(said.pk, _in_words(said)) for said in objections]  # type: ignore[attr-defined]
        else:
            del self.fields["answers"]


def _in_words(said: MinutesApproval) -> str:
    town = said.municipality.short_name if said.municipality else said.by_name
    return _("%(town)s: %(text)s") % {"town": town, "text": said.text}


class ObjectionForm(OnceForm):
    text = forms.CharField(
        label=pgettext_lazy("minutes", "Objection"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("What the minutes should say instead."),
    )

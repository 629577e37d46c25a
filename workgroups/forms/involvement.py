"""What people say about who takes part: shape and length; the domain decides what is possible."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from collab.live.answers import OnceForm
from collab.network.models import Municipality
from workgroups.models import Involvement, Project

from .fields import day_field

Role = Involvement.Role
WHAT_ROLES_MEAN = [
    (Role.LEAD, _("Lead: takes the project on and hands its experience on")),
    (Role.CONTRIBUTOR, _("Contribute: works on it with the lead")),
    (Role.REUSER, _("Reuse: takes over what is there")),
    (Role.INTERESTED, _("Interest: wants to hear how it goes on")),
]


def word_field(label: Any, **more: Any) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(label=label, required=False, max_length=500, widget=area, **more)


class TakeOnForm(forms.Form):
    role = forms.ChoiceField(label=_("Part of your municipality"), choices=WHAT_ROLES_MEAN, widget=forms.RadioSelect)
    since = day_field(label=_("Since"), required=False, help_text=_("Leave it empty for today."))
    note = forms.CharField(
        label=_("Note"), required=False, max_length=500, help_text=_("For example the department that works on it.")
    )
    # What the form was shown, so that a colleague's change is not overwritten.
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=600)


class LeaveForm(forms.Form):
    until = day_field(label=_("Until"), required=False, help_text=_("Leave it empty for today."))
    # Which part is left: a colleague may have taken on the lead meanwhile.
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=600)


class HandOverForm(OnceForm):
    municipality = forms.ModelChoiceField(
        label=_("Municipality to take over the lead"),
        queryset=Municipality.objects.none(),
        empty_label=_("Please choose"),
    )
    stay_as = forms.ChoiceField(
        label=_("Your own municipality afterwards"),
        required=False,
        initial=Role.CONTRIBUTOR,
        choices=[
            (Role.CONTRIBUTOR, _("contributes")),
            (Role.REUSER, _("reuses it")),
            (Role.INTERESTED, _("stays interested")),
            ("", _("no longer takes part")),
        ],
    )
    word = word_field(_("A word to them"))

    def __init__(self, data: Any, *, towns: QuerySet[Municipality]) -> None:
        super().__init__(data)
        self.fields["municipality"].queryset = towns  # type: ignore[attr-defined]


class ProposeForm(OnceForm):
    municipality = forms.ModelChoiceField(
        label=_("Municipality"), queryset=Municipality.objects.none(), empty_label=_("Please choose")
    )
    role = forms.ChoiceField(label=_("Its part"), choices=Role)
    word = word_field(_("A word to them"))

    def __init__(self, data: Any, *, towns: QuerySet[Municipality], initial: dict[str, Any]) -> None:
        super().__init__(data, initial=initial)
        self.fields["municipality"].queryset = towns  # type: ignore[attr-defined]


class JoinForm(OnceForm):
    """`similar` are the keys of the projects that look alike; they are offered first."""

    into = forms.ModelChoiceField(
        label=_("The project that goes on"), queryset=Project.objects.none(), empty_label=_("Please choose")
    )
    word = word_field(_("A word to them"))

    def __init__(
        self, data: Any, *, projects: QuerySet[Project], similar: Iterable[int], initial: Any, asks: bool
    ) -> None:
        super().__init__(data, initial={"into": initial})
        self.fields["into"].queryset = projects  # type: ignore[attr-defined]
        alike = set(similar)
        rows = [(project.pk, str(project)) for project in projects]
        groups = [
            (_("Similar projects"), [row for row in rows if row[0] in alike]),
            (_("All projects"), [row for row in rows if row[0] not in alike]),
        ]
        shown = [group for group in groups if group[1]]
        self.fields["into"].widget.choices = [("", _("Please choose")), *shown]
        if not asks:
            del self.fields["word"]


class DeclineForm(forms.Form):
    answer = word_field(pgettext_lazy("offer", "Why"), help_text=_("A short reason helps whoever asked."))

"""What people type about a decision after it fell: shape and length; the domain decides what is possible."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from collab.live.answers import VersionForm
from collab.network.models import Membership
from meetings.models import Adoption, CarriedOut, Decision
from meetings.queries.carrying_out import actions_to_link, projects_to_link
from meetings.queries.life import decisions_to_name
from workgroups.forms.fields import AddressField, day_field
from workgroups.models import ActionItem, Project

from .decision_field import DecisionField
from .recording import WordingField

SEEN_BY_ALL = gettext_lazy("Everybody who sees the decision can read it.")


def _reason(**more: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 3})
    values = {"label": gettext_lazy("Reason"), "help_text": SEEN_BY_ALL, "max_length": 1000, "widget": widget}
    return forms.CharField(**{**values, **more})


class StepForm(forms.Form):
    """A step; it names the state that the person saw, so that of two the second is told who was first."""

    state = forms.ChoiceField(choices=Decision.State, widget=forms.HiddenInput)
    on = day_field(label=pgettext_lazy("a step counts from", "On"))
    reason = _reason()

    def __init__(self, *args: Any, decision: Decision, **more: Any) -> None:
        more["initial"] = {"state": decision.state, "on": timezone.localdate()}
        super().__init__(*args, **more)
        self.fields["on"].widget.attrs["max"] = timezone.localdate().isoformat()


class SupersedeForm(StepForm):
    other = DecisionField(
        label=gettext_lazy("Number of the decision that takes its place"),
        help_text=gettext_lazy("It must be in force. It gets a link back to this one."),
    )
    field_order = ["state", "other", "on", "reason"]

    def __init__(self, *args: Any, decision: Decision, by: Membership, **more: Any) -> None:
        super().__init__(*args, decision=decision, **more)
        self.fields["other"].by = by  # type: ignore[attr-defined]
        self.to_name = decisions_to_name(by, without=decision)


class TermsForm(VersionForm):
    expires_on = day_field(
        label=gettext_lazy("In force until"),
        required=False,
        help_text=gettext_lazy("The last day; on the next one it has expired by itself. Leave it empty for no end."),
    )
    review_on = day_field(
        label=gettext_lazy("Review on"),
        required=False,
        help_text=gettext_lazy("It comes onto the agenda of the group's first meeting from this day on."),
    )
    reason = _reason()


class AddedCorrectionForm(VersionForm):
    text = WordingField(
        label=gettext_lazy("What the wording should read"),
        help_text=gettext_lazy("The wording that was decided stays as it is; this stands beside it as a correction."),
    )
    reason = _reason()


class AdoptionForm(VersionForm):
    state = forms.ChoiceField(
        label=gettext_lazy("What does your municipality do?"), choices=Adoption.State, widget=forms.RadioSelect
    )
    on = day_field(
        label=gettext_lazy("Date"),
        required=False,
        help_text=gettext_lazy("Adopted on this day, or to be adopted by this day."),
    )
    word = forms.CharField(
        label=gettext_lazy("A word about it"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Needed where it is not adopted: a word why. The whole network can read it."),
    )
    paper = forms.CharField(
        label=gettext_lazy("Number of the council's paper"),
        required=False,
        max_length=80,
        help_text=gettext_lazy("The paper for your own council, for example 2026/118."),
    )
    paper_link = AddressField(label=gettext_lazy("Address of the council's paper"))

    @staticmethod
    def initial_of(line: Adoption | None) -> dict[str, Any]:
        names = ("state", "on", "word", "paper", "paper_link", "version")
        return {name: getattr(line, name) for name in names} if line else {"version": 0}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        state, on, today = data.get("state"), data.get("on"), timezone.localdate()
        if state == Adoption.State.DECLINED:
            data["on"] = None
            if not data.get("word", "").strip() and "word" not in self.errors:
                self.add_error("word", _("Say in a word why your municipality does not adopt it."))
        elif "on" not in self.errors:
            if state == Adoption.State.PLANNED and on is None:
                self.add_error("on", _("Enter the day by which your municipality will adopt it."))
            elif state == Adoption.State.ADOPTED and on and on > today:
                self.add_error("on", _("This day is still to come. Choose “Will adopt” instead."))
        return data


class LinkForm(forms.Form):
    """An action item or a project that carries the decision out."""

    action = forms.ModelChoiceField(
        label=gettext_lazy("Action item"),
        queryset=ActionItem.objects.none(),
        required=False,
        empty_label=pgettext_lazy("action item", "None"),
    )
    project = forms.ModelChoiceField(
        label=gettext_lazy("Project"),
        queryset=Project.objects.none(),
        required=False,
        empty_label=pgettext_lazy("project", "None"),
    )
    due_on = day_field(
        label=gettext_lazy("Carried out until"),
        required=False,
        help_text=gettext_lazy("For a project. An action item has its own due date."),
    )

    def __init__(self, *args: Any, decision: Decision, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["action"].queryset = actions_to_link(decision)  # type: ignore[attr-defined]
        self.fields["project"].queryset = projects_to_link(decision)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and bool(data.get("action")) == bool(data.get("project")):
            raise forms.ValidationError(_("Choose an action item or a project, one of the two."))
        return data


class WorkForm(VersionForm):
    """How a project stands that carries a decision out; of an action item only why it is late."""

    due_on = day_field(label=gettext_lazy("Carried out until"), required=False)
    delay = forms.CharField(
        label=gettext_lazy("Reason of the delay"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    done_on = day_field(
        label=gettext_lazy("Done on"), required=False, help_text=gettext_lazy("Leave it empty as long as it goes on.")
    )
    note = forms.CharField(
        label=gettext_lazy("Completion note"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("What came of it; needed once it is done."),
    )

    def __init__(self, *args: Any, link: CarriedOut, **more: Any) -> None:
        names = ("due_on", "delay", "done_on", "note", "version")
        more["initial"] = {name: getattr(link, name) for name in names}
        super().__init__(*args, **more)
        if link.action_item_id:
            for name in ("due_on", "done_on", "note"):
                del self.fields[name]

    def values(self) -> dict[str, Any]:
        """Return what `report_work` takes; of an action item only its delay."""
        return {"due_on": None, "done_on": None, "note": "", **self.cleaned_data}

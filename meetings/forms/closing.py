"""What is asked when a meeting closes or is reopened, in its review, and about ideas."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from collab.live.answers import OnceForm
from meetings.domain.closing import Choice
from meetings.models import ActionCheck, Meeting
from meetings.queries.agenda import meeting_after
from meetings.queries.closing import Open, groups_to_hand_to, open_at_closing
from workgroups.forms.fields import day_field
from workgroups.models import Group

LONGEST_REASON = 500


@dataclass(frozen=True)
class ChoiceRow:
    """An unfinished item in the form, with its two fields."""

    open: Open
    choice: forms.BoundField
    group: forms.BoundField


class GroupChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Group) -> str:
        return obj.name


class ClosingForm(forms.Form):
    """For each unfinished item: to the next meeting, to a group, or dropped; the active one may have been treated.

    An item that came onto the agenda after the form was opened is not in what is sent, so nothing is chosen for it;
    what is sent for an item that was finished meanwhile has no field any more.
    """

    def __init__(self, data: QueryDict | None, *, meeting: Meeting) -> None:
        super().__init__(data)
        self.open = open_at_closing(meeting)
        self.following = meeting_after(meeting)
        groups = groups_to_hand_to(meeting)
        for one in self.open:
            self._ask(one, groups)

    def _ask(self, one: Open, groups: Any) -> None:
        choices = [("next", self._next_label()), ("group", _("To a group")), ("drop", pgettext("agenda item", "Drop"))]
        if one.is_active:
            choices.insert(0, ("done", _("Was treated")))
        label = one.item.title
        # Asked again after a reopening: the group that had it is named.
        had_it = one.item.handed_to.group_id if hasattr(one.item, "handed_to") else None
        self.fields[f"item-{one.item.pk}"] = forms.ChoiceField(
            label=label,
            choices=choices,
            widget=forms.RadioSelect,
            initial="group" if had_it else choices[0][0],
            required=False,
        )
        group = GroupChoice(groups, label=_("Group for “%(title)s”") % {"title": label}, required=False, initial=had_it)
        group.empty_label = _("Choose a group")
        self.fields[f"group-{one.item.pk}"] = group

    def _next_label(self) -> str:
        if self.following is None:
            return _("Next meeting, as soon as one is planned")
        return _("Next meeting (%(date)s)") % {"date": date_format(self.following.date, "SHORT_DATE_FORMAT")}

    @property
    def rows(self) -> list[ChoiceRow]:
        return [ChoiceRow(one, self[f"item-{one.item.pk}"], self[f"group-{one.item.pk}"]) for one in self.open]

    @property
    def all_to_next(self) -> bool:
        """Whether the button was pressed that sends everything to the next meeting."""
        return "all" in self.data

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for one in self.open:
            if not self.all_to_next and data.get(f"item-{one.item.pk}") == "group":
                name = f"group-{one.item.pk}"
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, _("Choose the group that takes it."))
        return data

    def choices(self) -> dict[int, Choice]:
        """Return what was chosen, by item; items that were not in the form are left out."""
        chosen: dict[int, Choice] = {}
        for one in self.open:
            said = self.cleaned_data.get(f"item-{one.item.pk}")
            if said and self.all_to_next and said != "done":
                said = "next"
            if said:
                chosen[one.item.pk] = self.cleaned_data[f"group-{one.item.pk}"] if said == "group" else said
        return chosen


class ReopenForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("It stays on record, in the summary and in the history."),
    )


class CheckForm(forms.Form):
    """What was said of an action item in the review. Where the buttons send it, only the outcome is given."""

    outcome = forms.ChoiceField(choices=ActionCheck.Outcome, widget=forms.HiddenInput)
    expected = forms.CharField(max_length=8, required=False, widget=forms.HiddenInput)
    due_on = day_field(label=gettext_lazy("New due date"), required=False)
    note = forms.CharField(
        label=gettext_lazy("Reason"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, data: QueryDict | None, *, outcome: str, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        if outcome != ActionCheck.Outcome.STAYS:
            del self.fields["due_on"]
        if outcome == ActionCheck.Outcome.DROPPED:
            self.fields["note"].required = True
            self.fields["note"].help_text = _("Why is it dropped?")

    def clean_due_on(self) -> date | None:
        day: date | None = self.cleaned_data["due_on"]
        # The day that is over by now may stay.
        if day and day < timezone.localdate() and day != self.initial.get("due_on"):
            raise forms.ValidationError(_("This day is over. Choose today or a later day."))
        return day


class IdeaForm(OnceForm):
    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    text = forms.CharField(
        label=gettext_lazy("Text"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )


class MeetingChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Meeting) -> str:
        return f"{obj.title}, {date_format(obj.date, 'DATE_FORMAT')}"


class TakeForm(forms.Form):
    meeting = MeetingChoice(Meeting.objects.none(), label=gettext_lazy("Meeting"), empty_label=None)

    def __init__(self, data: QueryDict | None, *, meetings: Any) -> None:
        super().__init__(data)
        self.fields["meeting"].queryset = meetings  # type: ignore[attr-defined]

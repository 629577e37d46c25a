"""What is recorded in a meeting: the wording under discussion, decisions and their corrections, action items."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from collab.live.answers import OnceForm, VersionForm
from collab.network.models import Membership
from meetings.models import Decision, Meeting
from meetings.queries.agenda import meeting_after
from meetings.queries.assignees import Assignee, assignees_of, matching
from meetings.queries.life import decisions_to_name
from meetings.rules.decision import may_run
from workgroups.forms.fields import day_field
from workgroups.models import Group

from .decision_field import DecisionField


class WordingField(forms.CharField):
    """An exact wording; line ends are always the same, so that texts can be compared."""

    def __init__(self, **more: Any) -> None:
        super().__init__(max_length=5000, widget=forms.Textarea(attrs={"rows": 6}), **more)

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return "\n".join(text.splitlines()) if isinstance(text, str) else text


class WordingForm(VersionForm, OnceForm):
    """The wording under discussion: drafted where the version is 0, amended from there on."""

    text = WordingField(
        label=gettext_lazy("Wording"),
        help_text=gettext_lazy("Everybody in the meeting sees it as soon as you save, with what has changed."),
    )


class _ResultFields(forms.Form):
    wording = WordingField(label=gettext_lazy("Exact wording"))
    mode = forms.ChoiceField(
        label=gettext_lazy("Result"),
        choices=[("unanimous", gettext_lazy("Unanimous")), ("counted", gettext_lazy("By count of votes"))],
        widget=forms.RadioSelect,
        initial="unanimous",
    )
    yes = forms.IntegerField(label=gettext_lazy("Yes"), min_value=0, max_value=9999, required=False)
    no = forms.IntegerField(label=gettext_lazy("No"), min_value=0, max_value=9999, required=False)
    abstain = forms.IntegerField(label=gettext_lazy("Abstentions"), min_value=0, max_value=9999, required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("mode") == "counted":
            for name in ("yes", "no", "abstain"):
                if data.get(name) is None and name not in self.errors:
                    self.add_error(name, _("Enter the number of votes, 0 where there were none."))
        else:
            data.update(yes=None, no=None, abstain=None)
        return data


class DecisionForm(_ResultFields, OnceForm):
    # The draft that is recorded with its result, as it was when the form was opened.
    wording_id = forms.IntegerField(widget=forms.HiddenInput, min_value=1, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)
    replaces = DecisionField(
        label=gettext_lazy("Replaces decision"),
        required=False,
        help_text=gettext_lazy("The number of an earlier decision that ends with this one, once this one is carried."),
    )

    def __init__(self, *args: Any, by: Membership, group: Group, **more: Any) -> None:
        super().__init__(*args, **more)
        self.by, self.group = by, group
        self.fields["replaces"].by = by  # type: ignore[attr-defined]
        self.to_name = [one for one in decisions_to_name(by) if one.group_id == group.pk]

    def clean_replaces(self) -> Decision | None:
        found: Decision | None = self.cleaned_data["replaces"]
        if found and found.group_id != self.group.pk and not may_run(self.by, found):
            raise forms.ValidationError(_("This decision belongs to another group. Its chair can supersede it."))
        return found


def _reason_field() -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        help_text=gettext_lazy("Everybody who sees the decision can read it."),
    )


class CorrectionForm(_ResultFields, VersionForm):
    reason = _reason_field()

    @staticmethod
    def initial_of(decision: Decision) -> dict[str, Any]:
        return {name: getattr(decision, name) for name in ("wording", "mode", "yes", "no", "abstain", "version")}


class VotedCorrectionForm(VersionForm):
    """Of a decision that the municipalities voted on: a slip in the wording, never the result."""

    wording = WordingField(label=gettext_lazy("Exact wording"))
    reason = _reason_field()

    def result_of(self, decision: Decision) -> dict[str, Any]:
        """Return what is sent with the form, and the result as it is."""
        return {**self.cleaned_data, **{name: getattr(decision, name) for name in ("mode", "yes", "no", "abstain")}}


class VoidForm(VersionForm):
    reason = _reason_field()


class MeetingActionForm(OnceForm):
    """An action item agreed on in a meeting: any town and any member may be named, by the first letters."""

    title = forms.CharField(label=gettext_lazy("What is to be done"), max_length=300)
    who = forms.CharField(
        label=gettext_lazy("Who"),
        max_length=200,
        help_text=gettext_lazy("The first letters of a municipality or a person are enough."),
        widget=forms.TextInput(attrs={"list": "assignees", "autocomplete": "off"}),
    )
    due = forms.ChoiceField(label=gettext_lazy("Due"))
    due_on = day_field(label=gettext_lazy("Date"), required=False)
    note = forms.CharField(
        label=gettext_lazy("Note"), required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, meeting: Meeting, **more: Any) -> None:
        super().__init__(*args, **more)
        self.assignees = assignees_of(meeting.network)
        self.today = timezone.localdate()
        self.days = _due_days(meeting, self.today)
        due = self.fields["due"]
        due.choices = _due_choices(self.days)  # type: ignore[attr-defined]
        due.initial = "next" if "next" in self.days else "four_weeks"
        self.fields["due_on"].widget.attrs["min"] = self.today.isoformat()

    def clean_who(self) -> Assignee:
        typed = self.cleaned_data["who"]
        found = matching(typed, self.assignees)
        if len(found) == 1:
            return found[0]
        if not found:
            raise forms.ValidationError(
                _("“%(typed)s” is no municipality and no person of this network. Type the first letters again."),
                params={"typed": typed[:60]},
            )
        raise forms.ValidationError(
            _("“%(typed)s” can be several: %(names)s. Type more letters."),
            params={"typed": typed[:60], "names": "; ".join(one.label for one in found)},
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        due, day = data.get("due"), data.get("due_on")
        if due == "date" and not self.has_error("due_on"):
            if day is None:
                self.add_error("due_on", _("Enter the date, or choose another due date above."))
            elif day < self.today:
                self.add_error("due_on", _("This day is over. Choose today or a later day."))
        elif due and due != "date":
            self.errors.pop("due_on", None)
            data["due_on"] = self.days.get(due)
        return data

    def values(self) -> dict[str, Any]:
        """Return what the action item is made of."""
        data = self.cleaned_data
        who: Assignee = data["who"]
        kept = {name: data[name] for name in ("title", "due_on", "note", "request_id")}
        return {**kept, "municipality": who.municipality, "person": who.person}


def _due_days(meeting: Meeting, today: datetime.date) -> dict[str, datetime.date]:
    """Return the days that can be named without a calendar; the next meeting only where there is one."""
    following = meeting_after(meeting)
    days = {"next": following.date} if following else {}
    days["two_weeks"] = today + datetime.timedelta(weeks=2)
    days["four_weeks"] = today + datetime.timedelta(weeks=4)
    days["year_end"] = today.replace(month=12, day=31)
    return days


def _due_choices(days: dict[str, datetime.date]) -> list[tuple[str, str]]:
    names = {
        "next": _("next meeting (%(date)s)"),
        "two_weeks": _("in two weeks (%(date)s)"),
        "four_weeks": _("in four weeks (%(date)s)"),
        "year_end": _("end of the year (%(date)s)"),
    }
    named = [(key, names[key] % {"date": date_format(day, "SHORT_DATE_FORMAT")}) for key, day in days.items()]
    return [*named, ("date", _("on a date")), ("none", pgettext("due date", "no date"))]

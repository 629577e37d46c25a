"""What people fill in about coming to a meeting, sitting at its table, and the quorum."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from collab.live.answers import VersionForm
from collab.network.models import Membership, Municipality
from meetings.domain.quorum import QuorumNow
from meetings.models import Attendance, Meeting
from meetings.queries.presence import Row, people_of_town
from workgroups.forms.fields import PersonField
from workgroups.models import Group

NOBODY = gettext_lazy("– nobody –")
NIGHT = timedelta(hours=12)


class SayForm(forms.Form):
    """One click: the answer alone."""

    answer = forms.ChoiceField(choices=Attendance.Answer)


class InvitationForm(VersionForm):
    answer = forms.ChoiceField(
        label=pgettext_lazy("attendance", "Answer"), choices=Attendance.Answer, widget=forms.RadioSelect
    )
    deputy = PersonField(
        Membership.objects.none(),
        label=gettext_lazy("Deputy"),
        required=False,
        empty_label=NOBODY,
        help_text=gettext_lazy("A deputy with an account takes part in this meeting like a member."),
    )
    deputy_name = forms.CharField(
        label=gettext_lazy("Deputy without an account"), max_length=120, required=False, help_text=gettext_lazy("Name")
    )
    note = forms.CharField(
        label=gettext_lazy("Word to the chair"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("All members of the network can read it."),
    )

    def __init__(self, *args: Any, meeting: Meeting, town: Municipality, row: Row | None, **more: Any) -> None:
        initial: dict[str, Any] = {"version": row.answer_version if row else 0}
        if row and row.attendance:
            names = ("answer", "deputy_name", "note")
            initial |= {name: getattr(row.attendance, name) for name in names}
            initial["deputy"] = row.attendance.deputy_id
        super().__init__(*args, **{**more, "initial": initial})
        self.fields["deputy"].queryset = people_of_town(meeting, town)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("deputy") and data.get("deputy_name"):
            self.add_error("deputy_name", _("Choose a deputy or enter a name, not both."))
        return data


def _clock(**more: Any) -> forms.TimeField:
    return forms.TimeField(widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"), required=False, **more)


class PresenceForm(VersionForm):
    """Who represents a town; with `times` also since when and until when."""

    representative = PersonField(
        Membership.objects.none(), label=gettext_lazy("Represented by"), required=False, empty_label=NOBODY
    )
    name = forms.CharField(
        label=gettext_lazy("Somebody without an account"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("Name"),
    )
    since = _clock(label=gettext_lazy("Present from"))
    until = _clock(label=gettext_lazy("Left at"), help_text=gettext_lazy("Empty as long as the municipality is here."))

    def __init__(
        self, *args: Any, meeting: Meeting, town: Municipality, row: Row | None, times: bool, **more: Any
    ) -> None:
        self.zone, self.held_on = ZoneInfo(meeting.time_zone), meeting.held_on
        now = row.now if row else None
        self.shown = now.since.astimezone(self.zone) if now else None
        initial: dict[str, Any] = {"version": row.version if row else 0}
        if now:
            initial["representative"] = now.presence.representative_id
            initial["name"] = "" if now.presence.representative_id else now.represented_by
        elif row and row.attendance:
            initial |= {"representative": row.attendance.deputy_id, "name": row.attendance.deputy_name}
        if self.shown:
            initial["since"] = self.shown.time()
        super().__init__(*args, **{**more, "initial": initial})
        self.fields["representative"].queryset = people_of_town(meeting, town)  # type: ignore[attr-defined]
        if not times:
            del self.fields["since"], self.fields["until"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("representative") and data.get("name"):
            self.add_error("name", _("Choose a person or enter a name, not both."))
        return data

    def values(self) -> dict[str, Any]:
        """Return what the domain takes: the times as instants, None for what nobody changed."""
        since, until = (self.cleaned_data.get(name) for name in ("since", "until"))
        return {**self.cleaned_data, **self._moments(since, until)}

    def _moments(self, since: time | None, until: time | None) -> dict[str, datetime | None]:
        """Combine the times with the day of the stretch that is shown: a meeting may last, or go on, on another day.

        A new stretch that lasts is of today; one that is over belongs to the day of the meeting.
        """
        if self.shown:
            day, begin = self.shown.date(), self.shown
            if since and since.replace(second=0, microsecond=0) == self.shown.time().replace(second=0, microsecond=0):
                since = None
        else:
            day = self.held_on if until else timezone.localdate(timezone=self.zone)
            begin = timezone.now()
        began_at = datetime.combine(day, since, self.zone) if since else None
        ended_at = datetime.combine(day, until, self.zone) if until else None
        begin = (began_at or begin).replace(second=0, microsecond=0)
        # Who came before midnight may leave after it.
        if ended_at and ended_at < begin and ended_at + timedelta(days=1) - begin < NIGHT:
            ended_at += timedelta(days=1)
        return {"since": began_at, "until": ended_at}


class QuorumForm(VersionForm):
    quorum = forms.ChoiceField(
        label=gettext_lazy("How many municipalities must be present"),
        choices=Group.Quorum,
        widget=forms.RadioSelect,
    )
    quorum_number = forms.IntegerField(
        label=gettext_lazy("Number of municipalities"), min_value=1, max_value=1000, required=False
    )

    majority = forms.ChoiceField(
        label=gettext_lazy("What carries a proposal"),
        choices=Group.Majority,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("In open votes. Abstentions count for neither side; a tie rejects."),
    )

    def __init__(self, *args: Any, group: Group, **more: Any) -> None:
        now = QuorumNow(group)
        initial = {name: getattr(now, name) for name in ("quorum", "quorum_number", "majority", "version")}
        super().__init__(*args, **{**more, "initial": initial})

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        is_number = data.get("quorum") == Group.Quorum.NUMBER
        if is_number and data.get("quorum_number") is None and "quorum_number" not in self.errors:
            self.add_error("quorum_number", _("Enter how many municipalities are needed."))
        return data

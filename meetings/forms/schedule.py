"""What people fill in to plan, move and cancel single meetings, and to invite guests to them."""

from __future__ import annotations

import datetime
from datetime import time
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from collab.live.answers import OnceForm, VersionForm
from collab.network.models import Membership, Municipality, Network
from meetings.models import AgendaItem, Meeting
from workgroups.models import Group
from workgroups.queries.group import active_towns

from .series import date_field, minutes_field, place_field, time_field, title_field, video_field


def reason_field() -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        help_text=gettext_lazy("Everybody who sees the meeting can read it."),
    )


class _WhereForm(forms.Form):
    place = place_field()
    host = forms.ModelChoiceField(
        Municipality.objects.none(), label=gettext_lazy("Host"), required=False, empty_label=gettext_lazy("– nobody –")
    )
    video_link = video_field()

    def __init__(self, *args: Any, network: Network, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["host"].queryset = active_towns(network)  # type: ignore[attr-defined]


class _WhenForm(forms.Form):
    date = date_field(label=gettext_lazy("Date"))
    start_time = time_field(label=gettext_lazy("Begin"), initial=time(9, 30))
    minutes = minutes_field(initial=90)

    def __init__(self, *args: Any, today: datetime.date, **more: Any) -> None:
        super().__init__(*args, **more)
        self.today = today
        self.fields["date"].widget.attrs["min"] = today.isoformat()

    def clean_date(self) -> datetime.date:
        day = self.cleaned_data["date"]
        if day < self.today:
            raise forms.ValidationError(_("This day is over. Choose today or a later day."))
        if day.year > self.today.year + 5:
            raise forms.ValidationError(_("Choose a day within the next five years."))
        return day


class MeetingForm(OnceForm, _WhereForm, _WhenForm):
    group = forms.ModelChoiceField(Group.objects.none(), label=gettext_lazy("Group"), empty_label=None)
    title = title_field()

    field_order = ("group", "title", "date", "start_time", "minutes", "place", "host", "video_link")

    def __init__(self, *args: Any, groups: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["group"].queryset = groups  # type: ignore[attr-defined]


class MeetingEditForm(VersionForm, _WhereForm):
    title = title_field()
    minutes = minutes_field()

    field_order = ("title", "minutes", "place", "host", "video_link")

    def __init__(self, *args: Any, meeting: Meeting, **more: Any) -> None:
        names = ("version", "title", "minutes", "place", "host", "video_link")
        initial = {name: getattr(meeting, name) for name in names}
        super().__init__(*args, network=meeting.network, initial=initial, **more)
        # A town that has left the network since may stay the host it was.
        host = Municipality.objects.filter(pk=meeting.host_id or "").distinct()
        self.fields["host"].queryset = active_towns(meeting.network) | host  # type: ignore[attr-defined]


class MoveForm(VersionForm, _WhenForm):
    reason = reason_field()

    def __init__(self, *args: Any, meeting: Meeting, **more: Any) -> None:
        initial = {name: getattr(meeting, name) for name in ("version", "date", "start_time", "minutes", "reason")}
        super().__init__(*args, initial=initial, **more)


class CancelForm(VersionForm):
    reason = reason_field()
    carry = forms.BooleanField(
        label=gettext_lazy("Take what members put on the agenda over to the group's next meeting"),
        required=False,
        initial=True,
    )


class GuestForm(forms.Form):
    guest = forms.ModelChoiceField(
        Membership.objects.none(),
        label=gettext_lazy("Guest"),
        empty_label=None,
        help_text=gettext_lazy("A guest sees what they are invited to, and nothing else."),
    )
    item = forms.ModelChoiceField(
        AgendaItem.objects.none(),
        label=gettext_lazy("Invited to"),
        required=False,
        empty_label=gettext_lazy("the whole meeting"),
    )

    def __init__(self, *args: Any, guests: Any, items: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["guest"].queryset = guests  # type: ignore[attr-defined]
        self.fields["item"].queryset = items  # type: ignore[attr-defined]

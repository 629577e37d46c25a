"""What stays with a person whose role changes: chairing or taking the minutes of meetings to come, deputising there."""

from __future__ import annotations

from django.db.models import Q

from collab.network.domain.succession import keep
from meetings.models import Attendance, Deputy, Meeting

TO_COME = (Meeting.State.PLANNED, Meeting.State.OPEN)

keep(Meeting, "chair", Q(state__in=TO_COME), rank=2)
keep(Meeting, "minute_taker", Q(state__in=TO_COME), rank=2)
keep(Attendance, "deputy", Q(meeting__state__in=TO_COME), rank=3)
keep(Deputy, "membership", Q(ended_at=None), rank=3)

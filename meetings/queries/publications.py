"""Reads: what is public now, for those inside who look after it."""

from __future__ import annotations

from datetime import date
from typing import Any

from meetings.models import Meeting, Publication

WITH = ("published_by__person", "decision", "item__meeting", "minutes__minutes__meeting")
MOST_THINGS, MOST_DATES = 100, 12


def published_of(**subject: Any) -> Publication | None:
    """Return the publication of a thing that holds now, None where it is not public; one query."""
    found = Publication.objects.filter(withdrawn_at=None, **subject).select_related(*WITH)
    return found.defer("content", "minutes__content").order_by("-pk").first()


def public_things(network_id: int) -> list[Publication]:
    """Return what is public of the network now, the newest first; one query."""
    found = Publication.objects.filter(network=network_id, withdrawn_at=None).select_related(*WITH)
    return list(found.defer("content", "minutes__content").order_by("-published_at", "-pk")[:MOST_THINGS])


def dates_to_publish(network_id: int, today: date) -> list[Meeting]:
    """Return the next meetings of open groups, whose dates can be made public; one query."""
    meetings = Meeting.objects.filter(network=network_id, group__is_internal=False, date__gte=today)
    meetings = meetings.filter(state__in=(Meeting.State.PLANNED, Meeting.State.OPEN)).select_related("group")
    return list(meetings.order_by("date", "start_time", "pk")[:MOST_DATES])

"""When somebody was here last, for "what changed since my last visit"."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from ..models import Membership

VISIT_ENDS_AFTER = timedelta(minutes=30)
NOTED_EVERY = timedelta(minutes=1)


def note_visit(membership: Membership) -> datetime | None:
    """Note that the member is here; return when the visit before this one ended, None on the first visit.

    Writes at most once a minute. Changes the membership given, too.
    """
    now, seen = timezone.now(), membership.last_seen_at
    if seen is not None and now - seen < NOTED_EVERY:
        return membership.visit_before_at
    if seen is not None and now - seen > VISIT_ENDS_AFTER:
        membership.visit_before_at = seen
    membership.last_seen_at = now
    # Two tabs at once: the first one's note stands.
    Membership.objects.filter(pk=membership.pk, last_seen_at=seen).update(
        last_seen_at=now, visit_before_at=membership.visit_before_at
    )
    return membership.visit_before_at

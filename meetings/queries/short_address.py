"""Reads: where the short address of a decision or of minutes leads those who are no members: what is public now."""

from __future__ import annotations

from django.db.models import QuerySet

from meetings.models import Publication, PublicSite

from .decisions import REFERENCE
from .public import public_now


def public_decision(slug: str, reference: str) -> Publication | None:
    """Return the publication of a network's decision that holds now, None where there is none."""
    match = REFERENCE.fullmatch(reference)
    if match is None:
        return None
    return _public_now(slug).filter(decision__year=int(match[1]), decision__number=int(match[2])).first()


def public_minutes(slug: str, meeting_pk: int) -> Publication | None:
    """Return the publication of a meeting's minutes that holds now, the newest version's."""
    found = _public_now(slug).filter(minutes__minutes__meeting=min(meeting_pk, 2**31 - 1))
    return found.select_related("minutes").order_by("-minutes__number").first()


def _public_now(slug: str) -> QuerySet[Publication]:
    site = PublicSite.objects.filter(network__slug=slug, is_open=True).first()
    return public_now(site.network_id) if site else Publication.objects.none()

"""Reads: what is found of minutes, as the search keeps it: what is finalised, by its newest version."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_noop as _

from collab.search.index import Found, Part
from meetings.models import MinutesVersion
from workgroups.queries.entries import circle_of

from .minutes import VERSION_WITH
from .minutes_content import Content, content_of_version
from .visibility import circle_inside, minutes_without_inside


def minutes_entry(version: MinutesVersion) -> Found:
    """Return what is found of finalised minutes; a hit jumps to its item. What is for the group only is not in it."""
    minutes, meeting = version.minutes, version.minutes.meeting
    content = minutes_without_inside(content_of_version(version))
    return Found(
        meeting.network_id,
        "minutes",
        minutes.pk,
        content["meeting"]["title"],
        [*(part for item in content["items"] for part in _parts(item)), Part(_("Remarks"), content["remarks"])],
        about=content["group"]["name"],
        on=date.fromisoformat(content["meeting"]["date"]),
        circle=circle_inside(minutes.visibility, meeting.group_id, circle_of(meeting.group_id)),
        key=str(meeting.pk),
    )


def _parts(item: Content) -> list[Part]:
    at = f"minutes-item-{item['id']}"
    wordings = [one["wording"] for one in item["decisions"] if not one["void"]]
    return [
        Part(_("Item of the agenda"), item["title"], at=at),
        Part(_("Result"), item["result"], at=at),
        Part(_("Notes"), item["notes"], at=at),
        *(Part(_("Exact wording"), wording, at=at) for wording in wordings),
    ]


def all_minutes(network_id: int) -> Iterator[Found]:
    later = MinutesVersion.objects.filter(minutes=OuterRef("minutes"), number__gt=OuterRef("number"))
    newest = MinutesVersion.objects.filter(~Exists(later), network=network_id)
    return map(minutes_entry, newest.select_related(*VERSION_WITH).order_by("pk").iterator())

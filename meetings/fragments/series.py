from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from collab.live import log, regions, verbs
from collab.network.models import Membership, Network
from meetings.models import Series
from meetings.queries import series as queries
from meetings.queries.memory import past_meetings
from meetings.rules import CHAIR, MEMBER, may_plan, sees_inside
from workgroups.queries.group import internal_groups_seen
from workgroups.queries.texts import whole_number
from workgroups.rules import group_role, may_see_inside

from .circles import in_series

Context = dict[str, Any]
PLANNER, READER = "planner", "reader"


def audience_of_series(membership: Membership, pk: int) -> str | None:
    series = Series.objects.filter(pk=pk, group__network=membership.network_id).select_related("group").first()
    if series is None or not may_see_inside(membership, series.group):
        return None
    role = group_role(membership, series.group)
    return CHAIR if may_plan(membership, series.group) else MEMBER if role else READER


def audience_of_list(membership: Membership, pk: int) -> str | None:
    if membership.network_id != pk or membership.is_guest or membership.ended_on is not None:
        return None
    role = PLANNER if queries.plans_in(membership, pk) else READER
    # Whose internal groups they belong to decides what they see: one audience per set of these.
    return "+".join([role, *map(str, internal_groups_seen(membership))])


def one_series(pk: int, audience: str, variant: str) -> Context:
    series = queries.series_with_rules().get(pk=pk)
    today = timezone.localdate()
    return {
        "series": series,
        "network": series.group.network,
        "hosts": [host.municipality for host in series.hosts.all()],
        "dates": queries.dates_of_series(series, today),
        "past": past_meetings(series, today, page_of(variant), inside=sees_inside(audience)),
        "has_ended": series.ended_on is not None and series.ended_on < today,
        "may_plan": audience == CHAIR,
        "history": list(log.history(series, limit=50)),
    }


def sees_group(circle: int, pk: int, audience: str) -> bool:
    return str(circle) in audience.split("+")[1:]


def meeting_list(pk: int, audience: str, variant: str) -> Context:
    """The upcoming meetings; with a variant such as "year=2025" those of that year that are over."""
    network = Network.objects.get(pk=pk)
    today = timezone.localdate()
    role, *seen = audience.split("+")
    groups = tuple(map(int, seen))
    context = {"network": network, "may_plan": role == PLANNER, "today": today}
    if year := year_of(variant):
        return {**context, "year": year, "past": queries.past_in_year(network, year, today, groups)}
    months, has_more = queries.upcoming_by_month(network, today, groups)
    return {**context, "months": months, "has_more": has_more, "all_series": queries.series_in(network, today, groups)}


def year_of(variant: str) -> int | None:
    """Return the year that a variant of the list names, None for the list of upcoming meetings."""
    name, _equals, text = variant.partition("=")
    good = name == "year" and text.isascii() and text.isdigit() and len(text) == 4 and int(text) > 0
    return int(text) if good else None


def page_of(variant: str) -> int:
    """Return which page of its past meetings a variant of the series asks for."""
    name, _equals, text = variant.partition("=")
    return (whole_number(text) or 1) if name == "page" else 1


regions.register(
    regions.Region(
        "series",
        "meetings/fragments/series.html",
        audience_of_series,
        one_series,
        hears=in_series,
        canonical=lambda variant: f"page={page}" if (page := page_of(variant)) > 1 else "",
    )
)
regions.register(
    regions.Region(
        "meeting-list",
        "meetings/fragments/meeting_list.html",
        audience_of_list,
        meeting_list,
        hears=sees_group,
        canonical=lambda variant: f"year={year}" if (year := year_of(variant)) else "",
    )
)

verbs.register(
    {
        "series_created": _("%(actor)s set up the series “%(title)s”"),
        "series_edited": _("%(actor)s edited the series “%(title)s”"),
        "series_changed": _("%(actor)s changed the dates of the series “%(title)s” from %(date)s on"),
        "series_ended": _("%(actor)s set the last date of the series “%(title)s” to %(date)s"),
        "series_extended": _("The next dates of the series “%(title)s” are planned"),
        "meeting_added": _("%(actor)s planned “%(title)s” for %(date)s"),
        "meeting_edited": _("%(actor)s edited the meeting “%(title)s” on %(date)s"),
        "meeting_moved": _("%(actor)s moved “%(title)s” to %(date)s: %(reason)s"),
        "meeting_cancelled": _("%(actor)s cancelled “%(title)s” on %(date)s: %(reason)s"),
        "meeting_reinstated": _("%(actor)s brought “%(title)s” on %(date)s back"),
        "guest_invited": _("%(actor)s invited %(guest)s to “%(title)s” on %(date)s"),
        "guest_uninvited": _("%(actor)s took back the invitation of %(guest)s to “%(title)s” on %(date)s"),
        "guest_invited_item": _("%(actor)s invited %(guest)s to “%(item)s” in “%(title)s” on %(date)s"),
        "guest_uninvited_item": _(
            "%(actor)s took back the invitation of %(guest)s to “%(item)s” in “%(title)s” on %(date)s"
        ),
    },
    {"series": "/n/{slug}/series/{pk}/"},
)

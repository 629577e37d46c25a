"""The live regions of the page on which a mayor sees what was decided, and what the own town makes of it.

They gather what other pages keep, and follow the regions of these (`collab.live.regions.follow`). What is about one
town is a variant of a region of the network ("town=08317057"), or hangs on the town's accession.
"""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from collab.live.once import once
from collab.live.regions import Context, Region, follow, register
from collab.network.models import Accession, Membership, Network
from meetings.queries import overview as queries
from meetings.queries.visibility import audience_with_groups, groups_of_audience
from workgroups.models import Involvement
from workgroups.queries.group import internal_groups_seen
from workgroups.queries.texts import municipality_key
from workgroups.rules import may_read_log

FOLDER = "meetings/fragments/"


def audience_of_network(membership: Membership, pk: int) -> str | None:
    """Return the audience by the groups whose own decisions it sees."""
    return _with_groups(membership) if membership.network_id == pk and may_read_log(membership) else None


def audience_of_dates(membership: Membership, pk: int) -> str | None:
    """Return the audience by the internal groups whose meetings it sees."""
    if membership.network_id != pk or not may_read_log(membership):
        return None
    groups = internal_groups_seen(membership)
    return f"member:{'.'.join(map(str, groups))}" if groups else "member"


def audience_of_parts(membership: Membership, pk: int) -> str | None:
    return "member" if membership.network_id == pk and may_read_log(membership) else None


def audience_of_town(membership: Membership, pk: int) -> str | None:
    """Every member may look at what every town of the network has to do."""
    is_here = Accession.objects.filter(pk=pk, network=membership.network_id).exists()
    return "member" if is_here and may_read_log(membership) else None


@once
def _with_groups(membership: Membership) -> str:
    return audience_with_groups(membership)


@once
def _network(pk: int) -> Network:
    return Network.objects.get(pk=pk)


def town_of(variant: str) -> str:
    """Return the key of the town that a variant names, empty for none."""
    name, _equals, text = variant.partition("=")
    return municipality_key(text) if name == "town" else ""


def variant_of(ags: str) -> str:
    """Return the variant that shows this town."""
    return f"town={ags}" if ags else ""


def _canonical(variant: str) -> str:
    return variant_of(town_of(variant))


def _hears(circle: int, pk: int, audience: str) -> bool:
    return circle in groups_of_audience(audience)


def _decisions(pk: int, audience: str, variant: str) -> Context:
    groups, today = groups_of_audience(audience), timezone.localdate()
    return {
        "network": _network(pk),
        "decisions": queries.latest_decisions(pk, groups),
        "steps": queries.later_steps(pk, groups, today),
        "year": today.year,
    }


def _town(pk: int, audience: str, variant: str) -> Context:
    today, groups = timezone.localdate(), groups_of_audience(audience)
    accession = queries.accession_of(pk, town_of(variant), today)
    if accession is None:
        return {"stance": None}
    stance = queries.stance_of(accession, groups, today)
    return {"network": accession.network, "town": accession.municipality, "stance": stance, "today": today}


def _actions(pk: int, audience: str, variant: str) -> Context:
    accession = Accession.objects.select_related("network", "municipality").get(pk=pk)
    tasks = queries.tasks_of(accession, timezone.localdate())
    return {"network": accession.network, "town": accession.municipality, "tasks": tasks}


def _parts(pk: int, audience: str, variant: str) -> Context:
    parts = queries.parts_lately(pk, timezone.localdate())
    return {"network": _network(pk), "rows": [(part, Involvement.Role(part.role).label) for part in parts]}


def _dates(pk: int, audience: str, variant: str) -> Context:
    meetings = queries.next_dates(pk, groups_of_audience(audience), timezone.localdate())
    return {"network": _network(pk), "meetings": meetings}


def _due(pk: int, audience: str, variant: str) -> Context:
    return {"network": _network(pk), "rows": queries.due_soon(pk, groups_of_audience(audience), timezone.localdate())}


def _of_network(name: str) -> Any:
    return lambda network_id, pk: f"{name}-{network_id}"


register(
    Region("overview-decisions", f"{FOLDER}overview_decisions.html", audience_of_network, _decisions, hears=_hears),
)
register(
    Region(
        "overview-town",
        f"{FOLDER}overview_town.html",
        audience_of_network,
        _town,
        canonical=_canonical,
        hears=_hears,
    )
)
register(Region("overview-due", f"{FOLDER}overview_due.html", audience_of_network, _due, hears=_hears))
register(Region("overview-dates", f"{FOLDER}overview_dates.html", audience_of_dates, _dates, hears=_hears))
register(Region("overview-parts", f"{FOLDER}overview_parts.html", audience_of_parts, _parts))
register(Region("overview-actions", f"{FOLDER}overview_actions.html", audience_of_town, _actions))

follow("decision-log", "decision-life", find=_of_network("overview-decisions"))
follow("decision-log", "decision-life", find=_of_network("overview-due"))
# Also a vote without a decision: where consent was not found, a mayor sees what the town said.
follow("decision-log", "decision-adoptions", "decision-work", "vote", find=_of_network("overview-town"))
follow("board-news", find=_of_network("overview-parts"))
follow("meeting-list", find=_of_network("overview-dates"))
follow("town-actions", find=lambda network_id, pk: f"overview-actions-{pk}")

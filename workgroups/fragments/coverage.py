"""The live regions of the coverage with OZG services, and the sentences of what towns say of these."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from collab.live import verbs
from collab.live.regions import Context, Region, register
from collab.network.models import Accession, Membership, Network
from workgroups import ozg
from workgroups.queries.coverage import NETWORK_TABS, TOWN_TABS, Coverage, CoverageFilter, coverage_of
from workgroups.queries.services import Cover, cover_of, levels_of, projects_by_service, towns_of

from . import audiences

TAB_LABELS = {
    "all": pgettext_lazy("services", "All"),
    "online": pgettext_lazy("services", "Online somewhere"),
    "underway": pgettext_lazy("services", "Under way"),
    "gaps": pgettext_lazy("services", "Nobody yet"),
    "solved": pgettext_lazy("services", "Solved by others"),
    "open": pgettext_lazy("services", "Nobody yet"),
    "ours": pgettext_lazy("services", "Online here"),
}


def in_network(membership: Membership, pk: int) -> str | None:
    """Everybody of the network sees the same: it is rendered once."""
    return "member" if audiences.in_network(membership, pk) else None


def of_service(membership: Membership, pk: int) -> str | None:
    return _who_works(audiences.in_network(membership, pk))


def of_own_town(membership: Membership, pk: int) -> str | None:
    """The town's own people, and the coordinator."""
    return _who_works(audiences.of_own_town(membership, pk))


def _who_works(audience: str | None) -> str | None:
    """Officers and guides say how far their town is; all others only read."""
    if audience is None:
        return None
    return "worker" if audience in (audiences.OFFICER, audiences.GUIDE) else "reader"


def coverage_context(pk: int, audience: str, variant: str) -> Context:
    wanted = CoverageFilter.parse(variant, NETWORK_TABS)
    network = Network.objects.get(pk=pk)
    return {"network": network, "towns": len(towns_of(pk)), **_list(coverage_of(pk, wanted), wanted)}


def town_context(pk: int, audience: str, variant: str) -> Context:
    wanted = CoverageFilter.parse(variant, TOWN_TABS)
    accession = Accession.objects.select_related("network", "municipality").get(pk=pk)
    ags = accession.municipality_id
    coverage = coverage_of(accession.network_id, wanted, ags)
    town = {"town": accession.municipality, "of_town": f"town={ags}&", "may_say": audience == "worker"}
    return {"network": accession.network, **town, **_list(coverage, wanted)}


def _list(coverage: Coverage, wanted: CoverageFilter) -> Context:
    tabs = [(show, TAB_LABELS[show], coverage.counts[show], wanted.with_(show=show)) for show in wanted.tabs]
    return {"coverage": coverage, "page": coverage.page, "wanted": wanted, "tabs": tabs}


def service_context(pk: int, audience: str, variant: str) -> Context:
    network = Network.objects.get(pk=pk)
    service = ozg.catalogue().get(int(variant or 0))
    if service is None:
        return {"network": network}
    ids = (service.ozg_id,)
    levels = {level.ags: level for level in levels_of(pk, ids).get(service.ozg_id, [])}
    known = [(level.town, level.ags, level) for level in levels.values()]
    unknown = [(town.short_name, town.pk, None) for town in towns_of(pk) if town.pk not in levels]
    return {
        "network": network,
        "may_say": audience == "worker",
        "service": service,
        "cover": cover_of(pk).get(service.ozg_id, Cover()),
        "known": known,
        "unknown": unknown,
        "projects": projects_by_service(pk, ids).get(service.ozg_id, []),
    }


def one_service(variant: str) -> str:
    """Return the one way to name a service of the catalogue; empty for anything else."""
    is_id = variant.isascii() and variant.isdigit() and len(variant) < 9
    return str(int(variant)) if is_id and int(variant) in ozg.catalogue() else ""


register(
    Region(
        "coverage",
        "workgroups/fragments/coverage.html",
        in_network,
        coverage_context,
        canonical=lambda variant: CoverageFilter.parse(variant, NETWORK_TABS).variant,
    )
)
register(
    Region(
        "coverage-town",
        "workgroups/fragments/coverage_town.html",
        of_own_town,
        town_context,
        canonical=lambda variant: CoverageFilter.parse(variant, TOWN_TABS).variant,
    )
)
# The page of one service: the variant is its key in the catalogue, which is the same for all networks.
register(Region("service", "workgroups/fragments/service.html", of_service, service_context, canonical=one_service))

verbs.register(
    {
        "service_online": _("%(town)s: “%(service)s” is online (maturity %(level)s)"),
        "service_said": _("%(town)s: “%(service)s” is at maturity %(level)s"),
        "service_unsaid": _("%(town)s withdrew its statement on “%(service)s”"),
    },
    {"servicestatus": "/n/{slug}/services/{ozg_id}/"},
    # That something is online is news; how far it is before that stands on its page.
    quiet=["service_said", "service_unsaid"],
    spoken={
        "service_online": (_("%(town)s: “%(service)s” is online"), _("{n} services online")),
    },
)

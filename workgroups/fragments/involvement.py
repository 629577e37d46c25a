"""The live regions of who takes part in what, and the sentences of what happens there."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from collab.live import verbs
from collab.live.models import Change
from collab.live.regions import Context, Region, register
from collab.network.models import Accession
from workgroups.models import Involvement, Offer
from workgroups.queries.involvement import history_of_parts, open_offers_about, open_offers_to, parts_of
from workgroups.queries.project import project_with_people
from workgroups.queries.similar import similar_to

from . import audiences

Role = Involvement.Role
ASKING = ("lead_offered", "part_proposed", "join_proposed", "offer_declined", "offer_withdrawn")


def _towns(pk: int, audience: str, variant: str) -> Context:
    project = project_with_people(pk)
    parts = parts_of(project)
    everybody = [part.municipality_id for role in Role.values for part in parts[role]]
    busy = [part.municipality_id for role in Role.values if role != Role.INTERESTED for part in parts[role]]
    return {
        "project": project,
        "network": project.network,
        "groups": [(role, Role(role).label, parts[role]) for role in Role.values],
        "lead": parts[Role.LEAD][0] if parts[Role.LEAD] else None,
        "is_empty": not everybody,
        "busy": " ".join(busy),
        "taking_part": " ".join(everybody),
        "past": history_of_parts(pk),
        "offers": [] if audience == audiences.READER else open_offers_about(pk),
        "similar": [] if project.joined_to_id else similar_to(project.network_id, pk),
        "goes_on": not project.joined_to_id,
        "is_worker": audience != audiences.READER,
    }


def _asked(pk: int, audience: str, variant: str) -> Context:
    accession = Accession.objects.select_related("network", "municipality").get(pk=pk)
    offers = list(open_offers_to(accession.network_id, accession.municipality_id))
    rows = [(offer, _may_answer(offer, audience)) for offer in offers]
    return {"network": accession.network, "town": accession.municipality, "rows": rows}


def _may_answer(offer: Offer, audience: str) -> bool:
    return audience == audiences.OFFICER or (audience == audiences.GUIDE and offer.kind == Offer.Kind.ACTION)


def _tells_town(change: Change, pk: int, audience: str) -> bool:
    """What a town is asked is told on its own page only."""
    return change.verb in ASKING


register(Region("project-towns", "workgroups/fragments/project_towns.html", audiences.of_project, _towns))
register(Region("asked", "workgroups/fragments/asked.html", audiences.of_own_town, _asked, tells=_tells_town))

_PARTS = _("{n} projects with other municipalities than before")
verbs.register(
    {
        "part_lead": _("%(town)s takes on “%(title)s”"),
        "part_contributor": _("%(town)s contributes to “%(title)s”"),
        "part_reuser": _("%(town)s reuses “%(title)s”"),
        "part_interested": _("%(town)s is interested in “%(title)s”"),
        "part_noted": _("%(town)s added to its part in “%(title)s”"),
        "lead_left": _("%(town)s no longer leads “%(title)s”"),
        "part_left": _("%(town)s no longer takes part in “%(title)s”"),
        "lead_handed_over": _("%(town)s takes over the lead of “%(title)s” from %(from)s"),
        "lead_offered": _("%(town)s asks %(to)s to take over the lead of “%(title)s”"),
        "part_proposed": _("%(actor)s proposes to %(to)s to take part in “%(title)s”"),
        "join_proposed": _("%(actor)s proposes to %(to)s that “%(title)s” goes on in “%(into)s”"),
        "offer_declined": _("%(town)s said no to what it was asked about “%(title)s”"),
        "offer_withdrawn": _("The question to %(to)s about “%(title)s” was taken back"),
        "action_offer_declined": _("%(town)s does not take over “%(title)s”"),
        "action_offer_withdrawn": _("The question to %(to)s to take over “%(title)s” was taken back"),
        "project_joined": _("“%(title)s” goes on in “%(into)s”"),
    },
    {
        "involvement": "/n/{slug}/projects/{project_id}/",
        "offer": "/n/{slug}/projects/{project_id}/",
    },
    quiet=["part_noted", *ASKING, "action_offer_declined", "action_offer_withdrawn"],
    spoken={
        "part_lead": (pgettext_lazy("spoken", "%(town)s takes on %(title)s"), _PARTS),
        "part_contributor": (pgettext_lazy("spoken", "%(town)s contributes to %(title)s"), _PARTS),
        "part_reuser": (pgettext_lazy("spoken", "%(town)s reuses %(title)s"), _PARTS),
        "part_interested": (pgettext_lazy("spoken", "%(town)s is interested in %(title)s"), _PARTS),
        "lead_left": (pgettext_lazy("spoken", "%(town)s no longer leads %(title)s"), _PARTS),
        "part_left": (pgettext_lazy("spoken", "%(town)s left %(title)s"), _PARTS),
    },
)

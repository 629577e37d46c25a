"""Votes by circulation: the list, what a town has still to answer, and the head of one vote's page."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from collab.live import regions, verbs
from collab.live.once import once
from collab.network.models import Accession, Membership, Network
from meetings.models import Vote
from meetings.queries import circular as queries
from meetings.queries.visibility import groups_of_audience
from meetings.queries.vote import VOTE_WITH, audience_at_vote
from meetings.rules.circular import may_run_circular
from workgroups.rules import may_read_log

from .vote import hears_of_vote, tells_of_vote

CHAIR = "chair"
FOLDER = "meetings/fragments/"


def audience_in_network(membership: Membership, pk: int) -> str | None:
    """Return "member" with the groups that vote on something of their own of which this member sees the inside."""
    if membership.network_id != pk or not may_read_log(membership):
        return None
    groups = queries.groups_voting_inside(membership)
    return f"member:{'.'.join(map(str, groups))}" if groups else "member"


def audience_of_town(membership: Membership, pk: int) -> str | None:
    """What a town has still to answer is no secret in the network."""
    is_here = Accession.objects.filter(pk=pk, network=membership.network_id).exists()
    return audience_in_network(membership, membership.network_id) if is_here else None


def audience_of_circular(membership: Membership, pk: int) -> str | None:
    """Return "chair" for who may withdraw it, else what they are in the vote."""
    role = audience_at_vote(membership, pk)
    vote = Vote.objects.filter(pk=pk, kind=Vote.Kind.CIRCULAR).select_related("group").first() if role else None
    if vote is None:
        return None
    return CHAIR if may_run_circular(membership, vote.group) else role


def hears_in_network(circle: int, pk: int, audience: str) -> bool:
    return circle in groups_of_audience(audience)


def list_context(pk: int, audience: str, variant: str) -> regions.Context:
    wanted = queries.VoteFilter.parse(variant)
    found = queries.list_of_circulars(pk, groups_of_audience(audience), wanted)
    return {"network": Network.objects.get(pk=pk), "found": found, "page": found.ended, "wanted": wanted}


def of_town_context(pk: int, audience: str, variant: str) -> regions.Context:
    accession = Accession.objects.select_related("network", "municipality").get(pk=pk)
    votes = list(queries.unanswered_by(accession, groups_of_audience(audience))[: queries.AT_HOME + 1])
    return {
        "network": accession.network,
        "town": accession.municipality,
        "votes": votes[: queries.AT_HOME],
        "more": len(votes) > queries.AT_HOME,
    }


@once
def _circular(pk: int) -> Vote:
    with_people = ("opened_by__municipality", "closed_by__municipality", "next_item__meeting")
    return Vote.objects.select_related(*VOTE_WITH, *with_people).get(pk=pk, kind=Vote.Kind.CIRCULAR)


def circular_context(pk: int, audience: str, variant: str) -> regions.Context:
    vote = _circular(pk)
    return {
        "vote": vote,
        "network": vote.network,
        "is_over": queries.is_over(vote),
    }


def steps_context(pk: int, audience: str, variant: str) -> regions.Context:
    """What else can be done as long as it is open, and who deputises for whom."""
    vote = _circular(pk)
    return {
        "vote": vote,
        "network": vote.network,
        "is_over": queries.is_over(vote),
        "deputies": queries.deputies_at(vote) if vote.is_open else [],
        "objectors": queries.objectors_of(vote) if vote.is_open else [],
        "namers": queries.namers_of(vote) if vote.is_open else [],
        "may_run": audience == CHAIR,
    }


regions.register(
    regions.Region(
        "circulars",
        f"{FOLDER}circulars.html",
        audience_in_network,
        list_context,
        canonical=lambda variant: queries.VoteFilter.parse(variant).variant,
        hears=hears_in_network,
    )
)
regions.register(
    regions.Region("votes-to", f"{FOLDER}votes_to.html", audience_of_town, of_town_context, hears=hears_in_network)
)
regions.register(
    regions.Region(
        "circular",
        f"{FOLDER}circular.html",
        audience_of_circular,
        circular_context,
        tells=tells_of_vote,
        hears=hears_of_vote,
    )
)
regions.register(
    regions.Region(
        "circular-steps",
        f"{FOLDER}circular_steps.html",
        audience_of_circular,
        steps_context,
        tells=lambda change, pk, audience: False,
        hears=hears_of_vote,
    )
)
# The head says whether the vote is open: whoever writes need not think of it.
for name in ("circular", "circular-steps"):
    regions.follow("vote", find=lambda network_id, pk, name=name: regions.region_id(name, pk))  # type: ignore[misc]

verbs.register(
    {
        "circular_opened": _("%(actor)s put “%(subject)s” to the vote by circulation, until %(date)s (%(group)s)"),
        "circular_withdrawn": _("%(actor)s withdrew the vote by circulation on “%(subject)s”: %(reason)s"),
        "circular_ended": _("The vote by circulation on “%(subject)s” has ended"),
        "circular_objected": _(
            "%(town)s objected to the procedure: “%(subject)s” is on the agenda of %(meeting)s on %(date)s (%(reason)s)"
        ),
        "circular_objected_waiting": _(
            "%(town)s objected to the procedure: “%(subject)s” waits for the next meeting of %(group)s (%(reason)s)"
        ),
        "circular_brought_up": _("“%(subject)s” is on the agenda of %(meeting)s on %(date)s"),
        "deputy_named": _("%(town)s named a deputy for votes by circulation: %(name)s"),
        "deputy_ended": _("%(town)s has no deputy for votes by circulation any more (%(name)s)"),
    },
    {"deputy": "/n/{slug}/members/"},
    # The decision that follows is what is told.
    quiet=("circular_ended",),
    spoken={
        "circular_opened": (_("Vote by circulation: %(subject)s"), _("{n} new votes by circulation")),
        "circular_withdrawn": (_("Vote withdrawn: %(subject)s"), _("{n} votes withdrawn")),
        "circular_ended": (_("Vote ended: %(subject)s"), _("{n} votes ended")),
        "circular_objected": (_("%(town)s objected to the procedure: the vote is void"), ""),
        "circular_objected_waiting": (_("%(town)s objected to the procedure: the vote is void"), ""),
        "deputy_named": (_("%(town)s named a deputy"), _("{n} deputies changed")),
        "deputy_ended": (_("%(town)s has no deputy any more"), _("{n} deputies changed")),
    },
)

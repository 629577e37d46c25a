"""Reads: what is found of votes by circulation, as the search keeps it, as long as no decision has come of them."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_noop as _

from collab.network.models import Membership
from collab.search.index import Found, Part
from meetings.models import Vote, VoteTown
from workgroups.queries.group import groups_of

from .circular import GROUP_ONLY, open_deputies

KIND = "vote"


def vote_entry(vote: Vote) -> Found:
    """Return what is found of a vote by circulation: what is proposed and why, and why it came to nothing; of the
    voices nothing.
    """
    return Found(
        vote.network_id,
        KIND,
        vote.pk,
        vote.subject,
        [
            Part(_("Proposed wording"), vote.text, at=f"vote-{vote.pk}"),
            Part(_("Background"), vote.background, at="background-h"),
            Part(_("Reason"), vote.reason, at=f"circular-{vote.pk}"),
        ],
        about=vote.group.name,
        on=vote.deadline_on,
        circle=_circle_of(vote.pk),
    )


def all_votes(network_id: int) -> Iterator[Found]:
    votes = _findable(network_id).select_related("group").order_by("pk")
    return map(vote_entry, votes.iterator(chunk_size=500))


def circles_of_votes_closed_to(membership: Membership) -> list[str]:
    """Return the circles of what is voted on in a group alone by which this member neither belongs to the group nor
    deputises for a town that has a voice in it: the page of a vote is closed to whoever does neither.
    """
    deputises = open_deputies(membership.network_id).filter(membership=membership).values("municipality")
    asked = Exists(VoteTown.objects.filter(vote=OuterRef("pk"), municipality__in=deputises))
    closed = _findable(membership.network_id).filter(GROUP_ONLY, ~asked)
    closed = closed.exclude(group__in=groups_of(membership).values("pk"))
    return [_circle_of(pk) for pk in closed.order_by("pk").values_list("pk", flat=True)]


def _findable(network_id: int) -> QuerySet[Vote]:
    return Vote.objects.filter(network=network_id, kind=Vote.Kind.CIRCULAR, decision=None)


def _circle_of(pk: int) -> str:
    """Every vote has a circle of its own: who may see one that is for its group only depends also on its roll."""
    return f"vote:{pk}"

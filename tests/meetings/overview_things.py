"""Decisions, votes and adoptions as they stand after months, for the tests of what gathers them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone

from collab.network.models import Membership
from meetings.models import Adoption, Decision, Voice, Vote, VoteTown
from tests.conftest import Cast


def decided(cast: Cast, subject: str = "Open source first", **more: Any) -> Decision:
    """A decision by circulation, with the next number of its year."""
    today = timezone.localdate()
    values: dict[str, Any] = {
        "network": cast.network,
        "group": cast.group,
        "year": today.year,
        "subject": subject,
        "wording": f"Exact wording of {subject}.",
        "mode": "unanimous",
        "carried": True,
        "decided_on": today,
        "recorded_by": cast.coordinator,
        **more,
    }
    last = Decision.objects.filter(network=values["network"], year=values["year"]).order_by("-number").first()
    return Decision.objects.create(number=last.number + 1 if last else 1, **values)


def said(
    decision: Decision, by: Membership, state: str = "adopted", on: date | None = None, word: str = ""
) -> Adoption:
    """What the person's town says of a decision."""
    return Adoption.objects.create(
        decision=decision,
        municipality=by.municipality,
        state=state,
        on=on,
        word=word,
        said_by=by,
        said_at=timezone.now(),
    )


def voted(decision: Decision | None, by: Membership, answer: str = "yes", **more: Any) -> Vote:
    """A vote in which the person's town said something; it is over where it led to a decision."""
    now = timezone.now()
    values: dict[str, Any] = {
        "network": by.network,
        "group": decision.group if decision else more.pop("group"),
        "kind": "circular",
        "state": "closed" if decision else "open",
        "outcome": "carried" if decision else "",
        "subject": decision.subject if decision else "Still open",
        "text": "Wording",
        "ends_at": now,
        "opened_by": by,
        "decision": decision,
        "closed_at": now if decision else None,
        **more,
    }
    vote = Vote.objects.filter(decision=decision).first() if decision else None
    vote = vote or Vote.objects.create(**values)
    VoteTown.objects.create(vote=vote, municipality=by.municipality)
    Voice.objects.create(
        vote=vote,
        municipality=by.municipality,
        answer=answer,
        capacity="own",
        by=by,
        by_name=str(by),
        town_name=by.municipality.short_name,
        reason="Because it is cheaper" if answer != "yes" else "",
    )
    return vote

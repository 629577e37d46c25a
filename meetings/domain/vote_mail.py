"""The mails of votes by circulation: to whoever casts a voice when it is put, once more before the end, and what
became of it.

Sent by the clock, in the language of whoever reads it. A town's mails are claimed before they are sent, so of several
processes one sends them; where none of them could be sent the claim is given back and the next beat tries again.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import Exists, OuterRef, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from collab.network.mail import NOT_SENT, NetworkMail
from collab.network.models import Membership
from meetings.models import Voice, Vote, VoteTown
from meetings.queries.circular import people_to_tell, reminds_at
from meetings.queries.decisions import visible_decisions
from meetings.queries.vote import count_of
from meetings.rules.vote import Capacity, capacity_in

log = logging.getLogger(__name__)
OPENED, REMINDER, ENDED = "opened", "reminder", "ended"
# What was claimed when which mail went out.
CLAIMS = {OPENED: "told_at", REMINDER: "reminded_at", ENDED: "result_told_at"}
WITH = ("network", "group", "opened_by__person")
ENDED_WITH = (*WITH, "decision", "next_item__meeting", "closed_by__person", "closed_by__municipality")
# What ended before that is no news: after an upgrade, or from a restored dump, nobody is mailed about the past.
STILL_NEWS = timedelta(days=7)
# The clock does not stand still for a slow mail server: the rest of the towns follows with its next beat.
TOWNS_AT_ONCE = 200


def send_due(now: datetime) -> None:
    """Send what is due: of votes that are open, the towns' first mail, and the reminder of those that have not
    voted; of votes that have ended, what became of them.
    """
    running = Vote.objects.filter(state=Vote.State.OPEN, kind=Vote.Kind.CIRCULAR, ends_at__gt=now)
    for vote in running.select_related(*WITH).order_by("ends_at", "pk"):
        _send(vote, OPENED, VoteTown.objects.filter(vote=vote, told_at=None), now)
        if reminds_at(vote) <= now:
            _send(vote, REMINDER, _to_remind(vote), now)
    circular = Vote.objects.filter(kind=Vote.Kind.CIRCULAR).exclude(state=Vote.State.OPEN)
    untold = VoteTown.objects.filter(vote=OuterRef("pk"), result_told_at=None)
    ended = circular.filter(Exists(untold), closed_at__gt=now - STILL_NEWS)
    for vote in ended.select_related(*ENDED_WITH).order_by("closed_at", "pk"):
        _send(vote, ENDED, _to_tell_result(vote), now)


def _to_remind(vote: Vote) -> QuerySet[VoteTown]:
    """The towns that were told before the reminder was due, and have not voted."""
    voted = Voice.objects.filter(vote=vote, replaced_at=None).values("municipality")
    told = VoteTown.objects.filter(vote=vote, told_at__lt=reminds_at(vote), reminded_at=None)
    return told.exclude(municipality__in=voted)


def _to_tell_result(vote: Vote) -> QuerySet[VoteTown]:
    """The towns that have not heard how the vote ended; of one that came to nothing only those who were asked."""
    rows = VoteTown.objects.filter(vote=vote, result_told_at=None)
    return rows if vote.decision_id else rows.exclude(told_at=None)


def _send(vote: Vote, mail: str, rows: QuerySet[VoteTown], now: datetime) -> None:
    rows = rows.select_related("municipality").order_by("municipality__sort_key", "pk")[:TOWNS_AT_ONCE]
    if not (towns := list(rows)):
        return
    people = people_to_tell(vote, [row.municipality_id for row in towns])
    connection, said = get_connection(), _result(vote) if mail == ENDED else {}
    for row in towns:
        if _claim(row, mail, now):
            sent = [_deliver(vote, mail, row, to, connection, said) for to in people[row.municipality_id]]
            if sent and not any(sent):
                _give_back(row, mail)


def _claim(row: VoteTown, mail: str, now: datetime) -> bool:
    """Whether the mail to the town is ours to send: no other process has taken it."""
    claim = CLAIMS[mail]
    return bool(VoteTown.objects.filter(pk=row.pk, **{claim: None}).update(**{claim: now}))


def _give_back(row: VoteTown, mail: str) -> None:
    VoteTown.objects.filter(pk=row.pk).update(**{CLAIMS[mail]: None})


def _result(vote: Vote) -> dict[str, Any]:
    """Return what a mail says of a vote that has ended, the same for all; how each town voted stands on its page."""
    return {
        "decision": vote.decision,
        "count": count_of(vote),
        "meeting": vote.next_item.meeting if vote.next_item else None,
    }


def _decision_link(vote: Vote, to: Membership) -> str:
    """Return the lasting address of the decision, empty where there is none, or none that this person may read."""
    if vote.decision is None or not visible_decisions(to).filter(pk=vote.decision.pk).exists():
        return ""
    return settings.SITE_URL + reverse("short_decision", args=[vote.network.slug, vote.decision.reference])


def _deliver(
    vote: Vote, mail: str, row: VoteTown, to: Membership, connection: BaseEmailBackend, said: dict[str, Any]
) -> bool:
    """Send one person's mail; return whether the mail server took it."""
    with translation.override(to.person.language or settings.LANGUAGE_CODE):
        context = {
            **said,
            "decision_link": _decision_link(vote, to),
            "vote": vote,
            "network": vote.network,
            "town": row.municipality.short_name,
            "is_deputy": capacity_in(to, row.municipality_id, vote) == Capacity.DEPUTY,
            "link": settings.SITE_URL + reverse("vote", args=[vote.network.slug, vote.pk]),
        }
        subject = " ".join(render_to_string(f"meetings/mail/vote_{mail}_subject.txt", context).split())
        body = render_to_string(f"meetings/mail/vote_{mail}.txt", context)
    message = NetworkMail(subject, body, to=[to.person.email], connection=connection)
    message.network_id = vote.network_id
    try:
        message.send()
    except NOT_SENT as error:
        log.warning("The mail about vote %s to membership %s could not be sent: %s", vote.pk, to.pk, error)
        return False
    return True

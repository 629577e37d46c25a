"""Votes by circulation: put to the towns, withdrawn, ended by the clock, or void as soon as one of them objects to the
procedure.
"""

from __future__ import annotations

import logging
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from collab.live.answers import Refused, need_new_form
from collab.live.log import record
from collab.live.regions import region_id
from collab.network.access import need
from collab.network.models import Accession, Membership
from collab.network.queries import active_on
from collab.search import index
from meetings.models import Visibility, Vote, VoteTown
from meetings.queries.circular import due_to_end
from meetings.queries.vote_entries import KIND, vote_entry
from meetings.recurrence import utc_start
from meetings.rules.circular import may_run_circular
from workgroups.domain.group import locked_group, need_active
from workgroups.models import Group
from workgroups.queries.group import expected_towns
from workgroups.rules import towns_needed

from .decision_regions import of_preparation
from .outcome import settle
from .roll import locked_vote, of_vote, put_on_roll

log = logging.getLogger(__name__)
State = Vote.State
ZONE = "Europe/Berlin"
# Calendar days, and the local time at which the last of them ends the vote.
USUAL_DAYS = 14
USUAL_TIME = time(18)
LONGEST = timedelta(days=180)
VISIBLE_TO = (Visibility.NETWORK, Visibility.GROUP)


@transaction.atomic
def open_circular(
    *,
    group: Group,
    subject: str,
    text: str,
    background: str = "",
    topic: str = "",
    visibility: str = Visibility.NETWORK,
    days: int = USUAL_DAYS,
    deadline_on: date | None = None,
    deadline_time: time = USUAL_TIME,
    by: Membership,
    request_id: UUID | None = None,
) -> Vote:
    """Put a proposal to the group's towns by circulation and return the vote (the same one when the form was sent
    twice). The clock mails it to them.

    It ends at `deadline_time`, local time, of `deadline_on`, or so many calendar days from today. Who has a voice is
    settled now: the towns that a meeting of the group would count on. Raises Refused where the group is closed, no town
    has a voice, or the end is over or too far away.
    """
    group = locked_group(group.pk)
    need(may_run_circular(by, group))
    if request_id and (twin := Vote.objects.filter(request_id=request_id, group=group, opened_by=by).first()):
        return twin
    need_new_form(Vote, request_id)
    need_active(group)
    if visibility not in VISIBLE_TO:
        raise Refused(_("Choose who may see it."))
    last_day = deadline_on or timezone.localdate() + timedelta(days=days)
    ends_at = _checked_end(last_day, deadline_time)
    towns = list(expected_towns(group, timezone.localdate()).values_list("pk", flat=True))
    if not towns:
        raise Refused(_("No municipality has a voice in this group: it has no members yet."))
    vote = Vote(network=group.network, group=group, kind=Vote.Kind.CIRCULAR, request_id=request_id, opened_by=by)
    vote.subject, vote.text, vote.background = subject, text, background
    vote.topic, vote.visibility = topic, visibility
    vote.needed = towns_needed(group.quorum, group.quorum_number, len(towns))
    vote.majority, vote.time_zone = group.majority, ZONE
    vote.deadline_on, vote.deadline_time, vote.ends_at = last_day, deadline_time, ends_at
    vote.save()
    put_on_roll(vote, towns)
    index.put(vote_entry(vote))
    return told(vote, "circular_opened", by)


def _checked_end(day: date, at: time) -> datetime:
    """Return the instant at which a vote ends; raises Refused where that is over or too far away."""
    try:
        ends_at = utc_start(day, at, ZONE)
    except OverflowError:
        ends_at = None
    if ends_at is None or ends_at > timezone.now() + LONGEST:
        raise Refused(_("Choose an end within the next %(days)s days.") % {"days": LONGEST.days})
    if ends_at <= timezone.now():
        raise Refused(_("This time is over. Choose a later end."))
    return ends_at


@transaction.atomic
def withdraw_circular(*, vote: Vote, reason: str, by: Membership) -> Vote:
    """End an open vote without a result, for a reason that all read. Twice does nothing more."""
    locked_group(vote.group_id)
    vote = locked_vote(vote.pk)
    need(vote.is_circular and may_run_circular(by, vote.group))
    if vote.state == State.WITHDRAWN:
        return vote
    need_circulating(vote)
    ended(vote, State.WITHDRAWN, reason, by)
    return told(vote, "circular_withdrawn", by, reason=reason)


def end_circular(*, vote: Vote, now: datetime | None = None) -> bool:
    """Close a vote whose time is over, count it and number its decision; returns whether there was anything to do.

    Asked by the clocks of several processes at once it is done once.
    """
    with transaction.atomic():
        locked_group(vote.group_id)
        vote = locked_vote(vote.pk)
        is_due = vote.ends_at is not None and vote.ends_at <= (now or timezone.now())
        if not vote.is_circular or not vote.is_open or not is_due:
            return False
        settle(vote=vote, by=vote.opened_by)
        # Its decision is found from now on.
        index.remove(KIND, [vote.pk])
        # By nobody: the time has come. The decision is another change, of who put the proposal; it comes first, for
        # its number is locked before the network's log, as everywhere.
        told(vote, "circular_ended", None)
    return True


def end_all_due(now: datetime) -> None:
    """End every vote whose time is over; one that cannot be ended keeps no other from it."""
    for vote in due_to_end(now):
        try:
            end_circular(vote=vote, now=now)
        except Exception:  # whatever it is, the next beat tries again
            log.exception("Vote %s could not be ended", vote.pk)


def need_circulating(vote: Vote) -> None:
    """Raise Refused where nothing can become of the vote any more."""
    if vote.state == State.WITHDRAWN:
        raise Refused(_("This vote was withdrawn meanwhile."))
    if vote.state == State.VOID:
        raise Refused(_("Somebody has just objected to the procedure: this vote is void."))
    if not vote.is_open or (vote.ends_at and vote.ends_at <= timezone.now()):
        raise Refused(_("This vote is over: its result is being recorded or was already."))


def ended(vote: Vote, state: Vote.State, reason: str, actor: Membership) -> None:
    """Bring a locked vote to an end without a decision; it is still found."""
    vote.state, vote.reason, vote.closed_by, vote.closed_at = state, reason, actor, timezone.now()
    vote.version += 1
    vote.save()
    index.put(vote_entry(vote))


def told(vote: Vote, verb: str, actor: Membership | None, *regions: str, **params: Any) -> Vote:
    """Record what happened to the vote, in all places that show it."""
    record(
        vote.network,
        verb=verb,
        actor=actor,
        obj=vote,
        regions=[*of_circular(vote), *regions],
        params={
            "subject": vote.subject,
            "group": vote.group.name,
            "date": vote.deadline_on.isoformat() if vote.deadline_on else "",
            **params,
        },
    )
    return vote


def of_circular(vote: Vote) -> list[str]:
    """Return every region that shows the vote: the list, its page (with what follows the region "vote"), the home of
    each town on its roll, the preparation of the group's meetings.
    """
    return [
        *of_vote(vote),
        region_id("circulars", vote.network_id),
        *of_towns_asked(vote),
        *of_preparation(vote.group_id),
    ]


def of_towns_asked(vote: Vote, *towns: str) -> list[str]:
    """Return where towns (all on the roll where none is named) read what they have still to answer; one query."""
    here = Accession.objects.filter(active_on(timezone.localdate()), network=vote.network_id)
    if towns:
        here = here.filter(municipality__in=towns)
    else:
        here = here.filter(municipality__in=VoteTown.objects.filter(vote=vote).values("municipality"))
    return [region_id("votes-to", pk) for pk in here.values_list("pk", flat=True)]

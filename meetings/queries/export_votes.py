"""Reads: votes and minutes as files have them: what the page that lists them shows this member, as filtered.

A fixed number of queries for any number of rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from collab.network.models import Membership
from meetings.models import Voice, Vote, VoteTown
from workgroups.tables import Table

from .circular import VoteFilter, circulars, counted, groups_voting_inside
from .circular import narrowed as narrowed_votes
from .minutes_list import MinutesFilter, groups_read, minutes_rows
from .minutes_list import narrowed as narrowed_minutes
from .vote import voices_of

Row = list[Any]


def voice_table(vote: Vote) -> Table:
    """Return what each municipality said in a vote that is over, and who has not voted; nothing of an open one."""
    header = [
        _("Municipality"),
        _("Official key"),
        pgettext("vote", "Voice"),
        _("Reason"),
        _("Cast by"),
        _("In what capacity"),
        _("At"),
    ]
    return Table(_("Voices"), header, _voices(vote))


def _voices(vote: Vote) -> Iterator[Row]:
    cast = {voice.municipality_id: voice for voice in voices_of(vote)}
    roll = VoteTown.objects.filter(vote=vote).select_related("municipality")
    names = {row.municipality_id: row.municipality.short_name for row in roll.order_by("municipality__sort_key")}
    names |= {ags: voice.town_name for ags, voice in cast.items()}
    for ags, name in names.items():
        if voice := cast.get(ags):
            is_consent = vote.kind == Vote.Kind.CONSENT and voice.answer == Voice.Answer.YES
            answer = pgettext("voice", "No objection") if is_consent else voice.get_answer_display()
            yield [name, ags, answer, voice.reason, voice.by_name, voice.get_capacity_display(), voice.at]
        else:
            yield [name, ags, _("Has not voted"), "", "", "", None]


def circular_table(membership: Membership, wanted: VoteFilter) -> Table:
    """Return the votes by circulation of the list's filters, the latest first."""
    header = [
        _("Subject"),
        _("Group"),
        _("Wording"),
        _("Put on"),
        _("Ends at"),
        pgettext("vote", "State"),
        _("Outcome"),
        _("Municipalities with a voice"),
        _("Have voted"),
        _("Yes"),
        _("No"),
        _("Abstentions"),
        _("Decision"),
        _("Reason"),
    ]
    votes = narrowed_votes(circulars(membership.network_id, groups_voting_inside(membership)), wanted)
    votes = counted(votes).select_related("group", "decision").order_by("-ends_at", "-pk")
    return Table(_("Votes by circulation"), header, (_circular(vote) for vote in votes))


def _circular(vote: Vote) -> Row:
    decision = vote.decision
    counts = [decision.yes, decision.no, decision.abstain] if decision else [None, None, None]
    return [
        vote.subject,
        vote.group.name,
        vote.text,
        vote.opened_at,
        vote.ends_at,
        vote.get_state_display(),
        vote.get_outcome_display(),
        vote.towns,  # type: ignore[attr-defined]
        vote.voted,  # type: ignore[attr-defined]
        *counts,
        decision.reference if decision else "",
        vote.reason,
    ]


def minutes_table(membership: Membership, wanted: MinutesFilter) -> Table:
    """Return the minutes of the list's filters, the latest meeting first."""
    header = [
        _("Date"),
        _("Meeting"),
        _("Group"),
        pgettext("minutes", "State"),
        _("Version"),
        _("Finalised at"),
        _("Approved on"),
        _("Open objections"),
    ]
    meetings = narrowed_minutes(minutes_rows(membership.network_id, groups_read(membership)), wanted)
    return Table(pgettext("documents", "Minutes"), header, (_minutes(meeting) for meeting in meetings))


def _minutes(meeting: Any) -> Row:
    is_final, approved = meeting.final is not None, meeting.approved_on
    state = pgettext("minutes", "Approved") if approved else pgettext("minutes", "Finalised")
    return [
        meeting.held_on,
        meeting.title,
        meeting.group.name,
        state if is_final else pgettext("minutes", "Draft"),
        meeting.final,
        meeting.finalised_at,
        approved,
        meeting.objections,
    ]

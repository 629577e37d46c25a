"""A vote in the room: put a wording to the municipalities, close the vote, withdraw it."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from collab.live.answers import Refused, Stale, need_new_form
from collab.live.log import last_actor, record
from collab.live.regions import region_id
from collab.network.access import need
from collab.network.models import Membership
from meetings import rules
from meetings.models import AgendaItem, Meeting, Voice, Vote, Wording
from meetings.models.visibility import passed_on
from meetings.queries.vote import open_vote_in, towns_with_a_voice
from meetings.queries.wording import last_author
from workgroups.queries.group import expected_towns
from workgroups.rules import towns_needed

from .agenda import locked_item, locked_meeting
from .outcome import params_of, settle
from .regions import of_room
from .roll import locked_vote, of_vote, put_on_roll
from .wording import WordingNow, need_draft, new_draft, reword

IN_THE_ROOM = (Vote.Kind.OPEN, Vote.Kind.CONSENT)


@transaction.atomic
def open_vote(
    *,
    item: AgendaItem,
    kind: str,
    text: str,
    by: Membership,
    request_id: UUID | None = None,
    wording_id: int | None = None,
    version: int | None = None,
) -> Vote:
    """Put a wording to the municipalities at the table and return the vote (the same one when the form was sent twice).

    It becomes the wording under discussion where there was none, or its next version where `text` differs. Quorum and
    majority are kept as the group has them now. A voice have the expected towns that are present or gave a proxy (all
    of them where nobody's presence was recorded); who comes later joins. Raises Refused where the meeting is not in
    session or another vote is open, Stale where the wording was drafted or amended since `version`.
    """
    meeting, item = locked_item(item)
    need(rules.may_hold_vote(rules.standing(by, meeting)))
    if request_id and (twin := Vote.objects.filter(request_id=request_id, item=item, opened_by=by).first()):
        return twin
    need_new_form(Vote, request_id)
    _need_session(meeting, item, kind)
    draft = _put(item, text, wording_id, version, by)
    group = meeting.group
    vote = Vote(network=meeting.network, group=group, meeting=meeting, item=item, wording=draft, request_id=request_id)
    vote.kind, vote.subject, vote.text, vote.opened_by = kind, item.title, text, by
    vote.topic, vote.visibility = item.project.block if item.project else "", passed_on(item.visibility)
    vote.majority = group.majority
    expected = expected_towns(group, meeting.held_on).count()
    vote.needed = towns_needed(group.quorum, group.quorum_number, expected)
    vote.save()
    if not put_on_roll(vote, towns_with_a_voice(meeting)):
        raise Refused(_("No municipality is present that could vote. Set who is here first."))
    return _recorded(vote, "vote_opened", by)


@transaction.atomic
def close_vote(*, vote: Vote, expected: int, by: Membership) -> Vote:
    """Close the vote: it is counted, and the decision is recorded with its number. Twice does nothing more.

    `expected` is the version of the vote that the person saw. Raises Refused where it was withdrawn meanwhile.
    """
    vote = _locked(vote, by)
    if vote.state == Vote.State.CLOSED:
        return vote
    if not vote.is_open:
        raise Refused(_("%(who)s has withdrawn this vote.") % {"who": last_actor(vote, "vote_withdrawn")})
    if vote.version != expected:
        raise Refused(_("This vote has changed meanwhile. Look at it again."))
    # Silence agrees to a consent; in an open vote nothing would be rejected by nobody, with a number of its own.
    if vote.kind == Vote.Kind.OPEN and not Voice.objects.filter(vote=vote, replaced_at=None).exists():
        raise Refused(_("No municipality has voted yet. Wait for the voices, or withdraw the vote."))
    return settle(vote=vote, by=by)


@transaction.atomic
def withdraw_vote(*, vote: Vote, reason: str, by: Membership) -> Vote:
    """End the vote without a result; nobody learns what was said in it. The wording stays under discussion.

    Twice does nothing more; raises Refused where it was closed meanwhile.
    """
    vote = _locked(vote, by)
    if vote.state == Vote.State.WITHDRAWN:
        return vote
    if not vote.is_open:
        raise Refused(_("This vote was closed meanwhile: its result stands."))
    if not reason.strip():
        raise Refused(_("Say why the vote is withdrawn: all who were to vote read it."))
    vote.state, vote.reason = Vote.State.WITHDRAWN, reason.strip()
    vote.closed_by, vote.closed_at = by, timezone.now()
    vote.version += 1
    vote.save()
    return _recorded(vote, "vote_withdrawn", by, reason=vote.reason)


def need_no_open_vote(meeting: Meeting) -> None:
    """Raise Refused while a vote is open in the meeting: nobody moves on or goes home in the middle of it."""
    if vote := open_vote_in(meeting):
        raise Refused(
            _("“%(subject)s” is being voted on. Close the vote or withdraw it first.") % {"subject": vote.subject}
        )


def _locked(vote: Vote, by: Membership) -> Vote:
    """Return the vote as it is now, its meeting locked before it."""
    if vote.meeting_id is None:
        raise Refused(_("A vote by circulation ends at its time."))
    meeting = locked_meeting(vote.meeting_id)
    need(rules.may_hold_vote(rules.standing(by, meeting)))
    fresh = locked_vote(vote.pk)
    fresh.meeting = meeting
    return fresh


def _need_session(meeting: Meeting, item: AgendaItem, kind: str) -> None:
    if kind not in IN_THE_ROOM:
        raise Refused(_("Choose how it is decided."))
    if meeting.state != Meeting.State.OPEN:
        raise Refused(_("A vote in the room is held while the meeting is in session. Open the meeting first."))
    if meeting.active_item_id != item.pk:
        raise Refused(_("Call this item up first: a vote is held on the item that is active."))
    need_no_open_vote(meeting)


def _put(item: AgendaItem, text: str, wording_id: int | None, version: int | None, by: Membership) -> Wording:
    """Return the wording that is put to the vote, with this text."""
    there = Wording.objects.filter(item=item, state=Wording.State.DRAFT).first()
    if there is None:
        if wording_id and (gone := Wording.objects.filter(pk=wording_id, item=item).first()):
            need_draft(gone)
        return new_draft(item=item, text=text, by=by)
    if there.text == text:
        return there
    if there.pk != wording_id or there.version != version:
        raise Stale(WordingNow(there), last_author(there))
    reword(wording=there, text=text, by=by)
    return there


def _recorded(vote: Vote, verb: str, by: Membership, **params: str) -> Vote:
    assert vote.meeting is not None and vote.item is not None  # noqa: S101 - a vote in the room has both
    regions = [
        *of_vote(vote),
        # What can be done with the wording depends on whether it is being voted on.
        *of_room(vote.meeting, "wording", "active"),
        region_id("item", vote.item.pk),
    ]
    record(vote.network, verb=verb, actor=by, obj=vote, regions=regions, params={**params_of(vote), **params})
    return vote

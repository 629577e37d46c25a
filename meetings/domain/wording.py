"""The wording of a decision while it is drafted, beforehand or in the meeting, in full view of all."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from collab.live.answers import Refused, Stale, need_new_form
from collab.live.log import record
from collab.live.regions import region_id
from collab.network.access import need
from collab.network.models import Membership
from meetings import rules
from meetings.models import AgendaItem, Meeting, Vote, Wording, WordingVersion
from meetings.queries.wording import last_author

from .agenda import locked_item
from .regions import of_room

State, Item = Wording.State, AgendaItem.State


class WordingNow:
    """The drafted text with its version, as a conflict in a form shows it; `field` is what the form calls the text."""

    def __init__(self, wording: Wording, field: str = "text") -> None:
        setattr(self, field, wording.text)
        self.version = wording.version


@transaction.atomic
def draft_wording(*, item: AgendaItem, text: str, by: Membership, request_id: UUID | None = None) -> Wording:
    """Put a wording up for discussion; returns it (the same one when the form was sent twice).

    An item has one at a time: raises Stale where somebody else has drafted one meanwhile.
    """
    meeting, item = locked_item(item)
    need(rules.may_draft(by, item, rules.standing(by, meeting)))
    if request_id and (twin := Wording.objects.filter(request_id=request_id, item=item, created_by=by).first()):
        return twin
    need_new_form(Wording, request_id)
    _need_preparable(meeting, item)
    if there := Wording.objects.filter(item=item, state=State.DRAFT).first():
        if there.text == text:
            return there
        raise Stale(WordingNow(there), last_author(there))
    wording = new_draft(item=item, text=text, by=by, request_id=request_id)
    return _recorded(meeting, item, wording, "wording_drafted", by)


@transaction.atomic
def amend_wording(*, wording: Wording, text: str, version: int, by: Membership) -> Wording:
    """Change the drafted text; all see what changed. Raises Stale where somebody else amended it since `version`."""
    meeting, item, wording = _locked(wording, by)
    _need_preparable(meeting, item)
    need_draft(wording)
    if wording.text == text:
        return wording
    if wording.version != version:
        raise Stale(WordingNow(wording), last_author(wording))
    reword(wording=wording, text=text, by=by)
    return _recorded(meeting, item, wording, "wording_amended", by)


@transaction.atomic
def drop_wording(*, wording: Wording, by: Membership, version: int | None = None) -> Wording:
    """Take the wording off the table; drafting again begins with its text. Dropping twice does nothing more.

    `version` is what the person saw: a text that somebody else has just amended is not dropped unread.
    """
    meeting, item, wording = _locked(wording, by)
    if wording.state == State.DROPPED:
        return wording
    need_draft(wording)
    if version is not None and wording.version != version:
        raise Refused(_("%(who)s has just amended this wording. Read it again first.") % {"who": last_author(wording)})
    wording.state = State.DROPPED
    wording.save(update_fields=["state"])
    return _recorded(meeting, item, wording, "wording_dropped", by)


def need_draft(wording: Wording) -> None:
    """Raise Refused where the wording is no longer under discussion, or is being voted on."""
    if Vote.objects.filter(wording=wording, state=Vote.State.OPEN).exists():
        raise Refused(_("This wording is being voted on. Close the vote or withdraw it first."))
    if decision := wording.decision:
        raise Refused(_("This wording was recorded meanwhile as decision %(ref)s.") % {"ref": decision.reference})
    if wording.state == State.DROPPED:
        raise Refused(_("This wording was dropped meanwhile. Draft it again: its text is still there."))


def new_draft(*, item: AgendaItem, text: str, by: Membership, request_id: UUID | None = None) -> Wording:
    """Put a wording up for discussion on an item that has none; the caller holds the meeting's lock."""
    wording = Wording.objects.create(item=item, text=text, created_by=by, request_id=request_id)
    _add_version(wording, by)
    return wording


def reword(*, wording: Wording, text: str, by: Membership) -> None:
    """Give a locked draft its next version."""
    wording.text, wording.version = text, wording.version + 1
    wording.save(update_fields=["text", "version"])
    _add_version(wording, by)


def _add_version(wording: Wording, by: Membership) -> None:
    WordingVersion.objects.create(wording=wording, number=wording.version, text=wording.text, by=by)


def _locked(wording: Wording, by: Membership) -> tuple[Meeting, AgendaItem, Wording]:
    meeting, item = locked_item(wording.item)
    need(rules.may_draft(by, item, rules.standing(by, meeting)))
    return meeting, item, Wording.objects.get(pk=wording.pk)


def _need_preparable(meeting: Meeting, item: AgendaItem) -> None:
    if meeting.state not in (Meeting.State.PLANNED, Meeting.State.OPEN):
        raise Refused(_("A wording is drafted before the meeting or while it is in session."))
    beforehand = (Item.PROPOSED,) if meeting.state == Meeting.State.PLANNED else (Item.DONE,)
    if item.state not in (Item.PLANNED, *beforehand):
        raise Refused(_("This item is not on the agenda of this meeting."))


def _recorded(meeting: Meeting, item: AgendaItem, wording: Wording, verb: str, by: Membership) -> Wording:
    # The stage only says whether there is one: "draft" or "amend".
    stage = ["active"] if verb != "wording_amended" else []
    lobby = ["agenda"] if meeting.state == Meeting.State.PLANNED else []
    record(
        meeting.network,
        verb=verb,
        actor=by,
        obj=item,
        regions=[*of_room(meeting, "wording", *stage, *lobby), region_id("item", item.pk)],
        params={"title": item.title, "meeting": meeting.title, "date": meeting.date.isoformat()},
    )
    return wording

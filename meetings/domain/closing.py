"""The end of a meeting: what becomes of what is unfinished, closing, and reopening with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from collab.live.answers import Refused
from collab.live.log import record
from collab.live.regions import region_id
from collab.network.access import need
from collab.network.models import Membership
from meetings import rules
from meetings.models import AgendaItem, Idea, Meeting, Wording
from meetings.queries.agenda import meeting_after
from meetings.queries.closing import HANDED, NOT_TAKEN_UP, UNFINISHED, Leftover, leftover_of
from meetings.queries.memory import family_of
from meetings.queries.steps import CLOSED
from workgroups.domain.group import locked_group, need_active
from workgroups.models import Group

from .agenda import index_agendas, locked_meeting
from .carry import carry_items, pass_on_prepared
from .presence import end_presences, resume_presences
from .regions import of_agenda, of_meeting
from .reopening import CameBack, bring_back
from .series import extend, locked_series
from .speaking import end_running_speech
from .steps import leave, snapshot, take_step
from .vote import need_no_open_vote

State = AgendaItem.State
# What becomes of an unfinished item: it counts as treated, goes to the next meeting, is dropped, or a group takes it.
Choice = Literal["done", "next", "drop"] | Group
LONGEST_IDEA = 2000


@dataclass
class Closed:
    """A meeting that was closed, and where its unfinished items went."""

    meeting: Meeting
    carried: list[AgendaItem] = field(default_factory=list)
    handed: list[Idea] = field(default_factory=list)
    # Nobody was asked about these: they came onto the agenda after the form was opened.
    unasked: list[AgendaItem] = field(default_factory=list)
    # Where the carried items went; None where they wait for a meeting to be planned.
    following: Meeting | None = None
    # The standing rounds of the next meeting in which reports stand now that towns had prepared for this one.
    prepared: list[AgendaItem] = field(default_factory=list)


@transaction.atomic
def close_meeting(
    *, meeting: Meeting, by: Membership, finish_active: bool = True, choices: Mapping[int, Choice] | None = None
) -> Closed:
    """Close the meeting and say where its unfinished items went.

    `choices` names by item what becomes of it; what it does not name goes to the next meeting (standing items that
    were not begun do not), and what it names but is finished by now is left alone. Without a next meeting items wait
    and are carried to the first one that is planned. `finish_active` says whether the active item counts as treated
    where `choices` does not name it. Closing twice does nothing more.
    """
    if meeting.series_id:
        locked_series(meeting.series_id)  # outermost first: closing adds dates to the series
    locked_group(meeting.group_id)
    meeting = locked_meeting(meeting.pk)
    need(rules.may_lead(rules.standing(by, meeting)))
    if meeting.state == Meeting.State.CLOSED:
        return Closed(meeting)
    if meeting.state != Meeting.State.OPEN:
        raise Refused(_("Only a meeting in session can be closed."))
    need_no_open_vote(meeting)
    left, wanted = _what_becomes_of(meeting, finish_active, choices)
    _end(meeting, by)
    if meeting.series:
        extend(series=meeting.series, today=timezone.localdate(), by=by)
    closed = _settle(meeting, left, wanted, by)
    closed.unasked = [item for item in closed.carried if choices is not None and item.pk not in choices]
    _record_closing(closed, left, by)
    return closed


def _what_becomes_of(
    meeting: Meeting, finish_active: bool, choices: Mapping[int, Choice] | None
) -> tuple[Leftover, dict[int, Choice]]:
    left = leftover_of(meeting)
    wanted: dict[int, Choice] = dict(choices or {})
    if meeting.active_item_id:
        wanted.setdefault(meeting.active_item_id, "done" if finish_active else "next")
    for choice in wanted.values():
        if isinstance(choice, Group):
            need(choice.network_id == meeting.network_id)
            need_active(choice)
    return left, wanted


def _end(meeting: Meeting, by: Membership) -> None:
    now = timezone.now()
    before = snapshot(meeting)
    for item in AgendaItem.objects.filter(meeting=meeting, running_since__isnull=False):
        leave(item, now, item.state)
    end_running_speech(meeting, now)
    end_presences(meeting, now)
    meeting.active_item = None
    meeting.state, meeting.closed_at = Meeting.State.CLOSED, now
    meeting.version += 1
    meeting.save()
    take_step(meeting=meeting, verb=CLOSED, before=before, by=by)


def _settle(meeting: Meeting, left: Leftover, wanted: Mapping[int, Choice], by: Membership) -> Closed:
    closed = Closed(meeting)
    go_on = []
    # What was decided was treated, also where nobody called it up.
    for item in left.decided:
        _finish(item)
    for item in left.not_begun:
        _let_go(item)
    for item in left.unfinished:
        choice = wanted.get(item.pk, "next")
        if isinstance(choice, Group):
            closed.handed.append(_hand_to(choice, item, by))
        elif choice == "done" and item.state != State.PROPOSED:
            _finish(item)
        elif choice == "drop":
            _let_go(item)
        else:
            go_on.append(item)
    closed.following = meeting_after(meeting) if go_on else None
    if closed.following:
        carry_items(go_on, locked_meeting(closed.following.pk))
    closed.carried = go_on
    standing = [item for item in left.not_begun if item.template_item_id]
    after = meeting_after(meeting) if standing else None
    closed.prepared = pass_on_prepared(standing, locked_meeting(after.pk)) if after else []
    # What waits for a meeting or for a group is discussed there; nothing else is any more.
    drafts = Wording.objects.filter(item__meeting=meeting, state=Wording.State.DRAFT)
    drafts.exclude(item__state__in=(*UNFINISHED, *HANDED)).update(state=Wording.State.DROPPED)
    return closed


def _finish(item: AgendaItem) -> None:
    item.state = State.DONE
    item.finished_at = timezone.now() if item.started_at else item.finished_at
    item.save(update_fields=["state", "finished_at"])


def _let_go(item: AgendaItem) -> None:
    if item.state == State.PROPOSED:
        # A proposal nobody answered was never on this agenda: this is the answer.
        item.state, item.answer = State.DECLINED, _(NOT_TAKEN_UP)
    else:
        item.state = State.DROPPED
    item.version += 1
    item.save(update_fields=["state", "answer", "version"])


def _hand_to(group: Group, item: AgendaItem, by: Membership) -> Idea:
    """Put the item into the group's parking lot; handed over twice it is there once.

    A proposal was never on this agenda, and does not come onto it by that.
    """
    text = item.text if len(item.text) <= LONGEST_IDEA else f"{item.text[: LONGEST_IDEA - 2]} …"
    values = {"group": group, "title": item.title, "text": text, "proposed_by": item.proposed_by or by}
    idea, made = Idea.objects.get_or_create(handed_from=item, defaults=values)
    if not made:  # it came back when the meeting was reopened
        idea.group, idea.title, idea.text, idea.state = group, item.title, text, Idea.State.PARKED
        idea.version += 1
        idea.save()
    item.state = State.FORWARDED if item.state == State.PROPOSED else State.HANDED_ON
    item.version += 1
    item.save(update_fields=["state", "version"])
    return idea


@transaction.atomic
def reopen_meeting(*, meeting: Meeting, reason: str, by: Membership) -> Meeting:
    """Let a closed meeting go on, with a reason that stays on record. Reopening twice does nothing more.

    What was carried over or handed on comes back where nobody has touched it since; the rest stays where it went.
    Raises Refused while another meeting of the group is in session.
    """
    if meeting.series_id:
        locked_series(meeting.series_id)
    locked_group(meeting.group_id)
    meeting = locked_meeting(meeting.pk)
    need(rules.may_lead(rules.standing(by, meeting)))
    if meeting.state == Meeting.State.OPEN:
        return meeting
    if meeting.state != Meeting.State.CLOSED:
        raise Refused(_("Only a closed meeting can be reopened."))
    if not reason.strip():
        raise Refused(_("Say why the meeting is reopened: it stays on record."))
    running = Meeting.objects.filter(group=meeting.group_id, state=Meeting.State.OPEN).first()
    if running:
        raise Refused(_("“%(title)s” of the same group is in session. Close it first.") % {"title": str(running)})
    ended = meeting.closed_at
    back = bring_back(meeting)
    index_agendas([meeting.pk, *(one.pk for one in back.meetings)])
    meeting.state, meeting.closed_at, meeting.active_item = Meeting.State.OPEN, None, None
    meeting.version += 1
    meeting.save()
    if ended:
        resume_presences(meeting, timezone.now(), ended, by)
    params = {"reason": reason.strip(), "closed_at": ended.isoformat() if ended else ""}
    record(
        meeting.network,
        verb="meeting_reopened",
        actor=by,
        obj=meeting,
        regions=[*of_meeting(meeting, *AgendaItem.objects.filter(meeting=meeting)), *_where_it_was(back)],
        params={"meeting": meeting.title, "date": meeting.date.isoformat(), **params},
    )
    return meeting


def _where_it_was(back: CameBack) -> list[str]:
    """Return the regions that showed what came back."""
    agendas = [(one, [item for item in back.there if item.meeting_id == one.pk]) for one in back.meetings]
    return [
        *(name for one, items in agendas if items for name in of_agenda(one, *items)),
        *(region_id("ideas", group) for group in sorted({idea.group_id for idea in back.ideas})),
        *(region_id("item", pk) for pk in family_of([item.pk for item in back.items])),
    ]


def _record_closing(closed: Closed, left: Leftover, by: Membership) -> None:
    meeting = closed.meeting
    items = list(AgendaItem.objects.filter(meeting=meeting))
    shown = [meeting, *([closed.following] if closed.following else [])]
    index_agendas(one.pk for one in shown)
    record(
        meeting.network,
        verb="meeting_closed",
        actor=by,
        obj=meeting,
        regions=[
            *of_meeting(meeting, *items),
            *(of_agenda(closed.following) if closed.following else []),
            *(of_agenda(closed.prepared[0].meeting, *closed.prepared) if closed.prepared else []),
            *(region_id("ideas", group) for group in sorted({idea.group_id for idea in closed.handed})),
            # Earlier appearances tell where the item went.
            *(region_id("item", pk) for pk in family_of([item.pk for item in left.unfinished])),
        ],
        params={"meeting": meeting.title, "date": meeting.date.isoformat()},
    )

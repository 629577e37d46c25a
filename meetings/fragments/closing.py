from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from collab.live import regions, verbs
from collab.live.once import once
from meetings.models import AgendaItem, Meeting
from meetings.queries import closing as queries
from meetings.queries.minutes import minutes_of, newest_version
from meetings.queries.visibility import decisions_for, hidden_items, readable
from meetings.rules.minutes import may_read_minutes, sees_draft

from .agenda import Context, audience_in_meeting, in_meeting
from .circles import in_meeting as hears_in_meeting
from .guests import tells_in_room


@once
def _review(item: AgendaItem) -> queries.Review:
    return queries.review_of(item)


def review(pk: int, audience: str, variant: str) -> Context:
    """The open action items, while an item for their review is active."""
    context = in_meeting(pk, audience, variant)
    meeting = context["meeting"]
    item = meeting.active_item if meeting.state == Meeting.State.OPEN else None
    return {**context, "item": item, "review": _review(item) if item and queries.is_review(item) else None}


@once
def _summary(meeting: Meeting) -> queries.Summary:
    return queries.summary_of(meeting)


def _summary_for(meeting: Meeting, audience: str) -> queries.Summary:
    """Without what is for the group only, for who reads along."""
    full, hidden = _summary(meeting), hidden_items(meeting, audience)
    return replace(
        full,
        decisions=[one for one in decisions_for(full.decisions, audience) if one.item_id not in hidden],
        left=readable(full.left, audience),
        checks=[check for check in full.checks if check.item_id not in hidden],
        taken_on=[row for row in full.taken_on if row.item_id not in hidden],
    )


def _has_minutes_for(meeting: Meeting, audience: str) -> bool:
    """Return whether who does not see the draft finds minutes of the meeting."""
    minutes = minutes_of(meeting)
    return may_read_minutes(audience, minutes, is_finalised=newest_version(minutes) is not None)


def summary(pk: int, audience: str, variant: str) -> Context:
    """What a closed meeting came to; what was reopened also says so while it is in session again."""
    context = in_meeting(pk, audience, variant)
    meeting = context["meeting"]
    if meeting.state == Meeting.State.CLOSED:
        has_minutes = sees_draft(audience) or _has_minutes_for(meeting, audience)
        return {**context, "summary": _summary_for(meeting, audience), "has_minutes": has_minutes}
    is_open = meeting.state == Meeting.State.OPEN
    return {**context, "reopenings": queries.reopenings_of(meeting) if is_open else []}


regions.register(
    regions.Region(
        "meeting-review",
        "meetings/fragments/meeting_review.html",
        audience_in_meeting,
        review,
        tells=tells_in_room,
        hears=hears_in_meeting,
    )
)
regions.register(
    regions.Region(
        "meeting-summary",
        "meetings/fragments/meeting_summary.html",
        audience_in_meeting,
        summary,
        tells=tells_in_room,
        hears=hears_in_meeting,
    )
)

verbs.register(
    {
        "meeting_reopened": _("%(actor)s reopened the meeting “%(meeting)s”: %(reason)s"),
        "action_reviewed": _("%(actor)s went through “%(title)s”"),
        "every_time_added": _("%(actor)s put “%(title)s” on every agenda of “%(series)s”"),
        "every_time_removed": _("%(actor)s took “%(title)s” off every agenda of “%(series)s”"),
    },
    quiet=("action_reviewed",),
    spoken={"meeting_reopened": (_("The meeting was reopened"), "")},
)

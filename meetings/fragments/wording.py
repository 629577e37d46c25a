"""The wording under discussion: large, with what the last amendment changed."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from collab.live import regions, verbs
from meetings.queries.vote import open_vote_in
from meetings.rules import GUEST

from .agenda import audience_in_meeting, draft_on, in_meeting
from .circles import in_meeting as hears_in_meeting
from .guests import tells_in_room


def active_wording(pk: int, audience: str, variant: str) -> regions.Context:
    """The draft on the active item, while the meeting is in session."""
    context = in_meeting(pk, audience, variant)
    meeting = context["meeting"]
    item = meeting.active_item if meeting.state == meeting.State.OPEN else None
    # What is being voted on stands in the vote; guests see no votes.
    is_voting = item is not None and audience != GUEST and open_vote_in(meeting) is not None
    return {**context, "item": item, "draft": draft_on(item) if item and not is_voting else None}


regions.register(
    regions.Region(
        "meeting-wording",
        "meetings/fragments/meeting_wording.html",
        audience_in_meeting,
        active_wording,
        tells=tells_in_room,
        hears=hears_in_meeting,
    )
)
verbs.register(
    {
        "wording_drafted": _("%(actor)s drafted a wording on “%(title)s”"),
        "wording_amended": _("%(actor)s amended the wording on “%(title)s”"),
        "wording_dropped": _("%(actor)s dropped the wording on “%(title)s”"),
    },
    quiet=("wording_drafted", "wording_amended", "wording_dropped"),
    spoken={
        "wording_drafted": (_("A wording is up for discussion"), ""),
        "wording_amended": (_("The wording was amended"), ""),
        "wording_dropped": (_("The wording was dropped"), ""),
    },
)

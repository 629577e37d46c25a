from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from collab.live import regions, verbs
from collab.live.once import once
from collab.network.models import Municipality
from meetings.models import Meeting
from meetings.queries import talk as queries
from meetings.queries.visibility import is_veiled
from workgroups.queries.group import expected_towns

from .agenda import audience_in_meeting, in_meeting
from .circles import in_meeting as hears_in_meeting
from .guests import tells_in_room

Context = dict[str, Any]


@once
def _ahead(meeting: Meeting) -> list[queries.Ahead]:
    return queries.rounds_ahead(meeting) if meeting.state in (Meeting.State.PLANNED, Meeting.State.OPEN) else []


@once
def _towns(meeting: Meeting) -> list[Municipality]:
    return list(expected_towns(meeting.group, meeting.held_on))


def round_now(pk: int, audience: str, variant: str) -> Context:
    """The round that runs; before it, how many towns have prepared for it (but not what)."""
    context = in_meeting(pk, audience, variant)
    meeting = context["meeting"]
    # What is read once is read of the meeting as it is: who sees no active item must not come to it.
    now = queries.running_round(meeting) if meeting.active_item else None
    ahead = [] if now else [one for one in _ahead(meeting) if not is_veiled(one.item, audience)]
    return {
        **context,
        "item": meeting.active_item,
        "round": now,
        "ahead": ahead,
        # Who writes a report is at the table for a town.
        "towns": _towns(meeting) if now and context["may_propose"] else [],
    }


@once
def _speakers(meeting: Meeting) -> queries.Speakers | None:
    item = meeting.active_item
    if meeting.state != Meeting.State.OPEN or item is None:
        return None
    item.meeting = meeting
    return queries.speakers_of(item)


def speakers(pk: int, audience: str, variant: str) -> Context:
    context = in_meeting(pk, audience, variant)
    item = context["meeting"].active_item
    return {**context, "item": item, "speakers": _speakers(context["meeting"]) if item else None}


for region in (
    regions.Region(
        "meeting-round",
        "meetings/fragments/meeting_round.html",
        audience_in_meeting,
        round_now,
        tells=tells_in_room,
        hears=hears_in_meeting,
    ),
    regions.Region(
        "meeting-speakers",
        "meetings/fragments/meeting_speakers.html",
        audience_in_meeting,
        speakers,
        tells=tells_in_room,
        hears=hears_in_meeting,
    ),
):
    regions.register(region)

SENTENCES = {
    "report_written": _("%(actor)s wrote the report of %(town)s for “%(title)s”"),
    "report_passed": _("%(town)s passes in “%(title)s”"),
    "report_to_come": _("%(town)s reports after all in “%(title)s”"),
    "town_called": _("%(town)s has been called in “%(title)s”"),
    "round_through": _("All towns have had their turn in “%(title)s”"),
    "speech_asked": _("%(who)s asks to speak on “%(title)s”"),
    "reply_asked": _("%(who)s asks for a short reply on “%(title)s”"),
    "speech_withdrawn": _("%(who)s no longer asks to speak on “%(title)s”"),
    "floor_given": _("%(who)s has the floor on “%(title)s”"),
    "speech_ended": _("%(who)s has spoken on “%(title)s”"),
    "speech_moved": _("%(actor)s changed the order of the speakers on “%(title)s”"),
    "speakers_closed": _("The list of speakers on “%(title)s” is closed"),
    "speakers_opened": _("The list of speakers on “%(title)s” is open again"),
    "speaking_rules_set": _("%(actor)s changed how one speaks in “%(meeting)s”"),
}
SPOKEN = {
    "report_written": (_("Report of %(town)s"), _("{n} reports")),
    "report_passed": (_("%(town)s passes"), _("{n} towns pass")),
    "town_called": (_("Called: %(town)s"), ""),
    "speech_asked": (_("Asks to speak: %(who)s"), _("{n} ask to speak")),
    "reply_asked": (_("Short reply: %(who)s"), _("{n} ask to speak")),
    "floor_given": (_("Has the floor: %(who)s"), ""),
}
# How the meeting goes, not what comes of it.
verbs.register(SENTENCES, quiet=SENTENCES, spoken=SPOKEN)

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from collab.live import regions, verbs
from collab.live.once import once
from meetings.models import Attachment, Meeting
from meetings.queries.presence import files_of, presence_of
from meetings.queries.visibility import files_for
from meetings.queries.vote import proxies_at, speakers_at

from .agenda import _meeting, audience_in_meeting, in_meeting
from .circles import in_meeting as hears_in_meeting
from .guests import tells_in_room


@once
def _files(pk: int) -> list[Attachment]:
    return files_of(_meeting(pk))


def people(pk: int, audience: str, variant: str) -> regions.Context:
    """Who comes, who is here, who was there: what is shown depends on the state of the meeting."""
    context = in_meeting(pk, audience, variant)
    meeting = context["meeting"]
    is_planned = meeting.state == Meeting.State.PLANNED
    return {
        **context,
        "table": presence_of(meeting),
        "files": files_for(_files(pk), audience) if is_planned else [],
        # From then on a town can say that it is here, an hour before the begin; the domain looks at the clock.
        "is_today": is_planned and meeting.date == timezone.localdate(),
        **_sides(meeting),
        **_proxies(meeting),
    }


@once
def _proxies(meeting: Meeting) -> dict[str, Any]:
    """Who votes for which town, and who could give its voice away as long as the meeting is not over."""
    is_over = meeting.state in (Meeting.State.CLOSED, Meeting.State.CANCELLED)
    givers = [] if is_over else list(speakers_at(meeting).order_by("pk").values_list("pk", flat=True))
    return {"proxies": proxies_at(meeting), "givers": givers}


def _sides(meeting: Meeting) -> dict[str, Any]:
    """The towns by what they said, and by where they are: here, apologised, missing."""
    table = presence_of(meeting)
    away = [row for row in table.rows if not row.stretches or (row.until and meeting.state == Meeting.State.OPEN)]
    apologised = [row for row in away if row.answer == "apologised"]
    return {
        "expected": " ".join(row.municipality.pk for row in table.rows if row.is_expected),
        "answers": [(answer, table.answered(answer)) for answer in ("accepted", "tentative", "apologised", "")],
        "here": [row for row in table.rows if row.is_present],
        "were_here": [row for row in table.rows if row.stretches],
        "apologised": apologised,
        "missing": [row for row in away if row not in apologised],
    }


regions.register(
    regions.Region(
        "meeting-people",
        "meetings/fragments/meeting_people.html",
        audience_in_meeting,
        people,
        tells=tells_in_room,
        hears=hears_in_meeting,
    )
)

verbs.register(
    {
        "town_accepted": _("%(actor)s accepted “%(meeting)s” on %(date)s for %(town)s"),
        "town_tentative": _("%(actor)s tentatively accepted “%(meeting)s” on %(date)s for %(town)s"),
        "town_apologised": _("%(actor)s sent the apologies of %(town)s for “%(meeting)s” on %(date)s"),
        "town_answer_changed": _("%(actor)s changed who comes for %(town)s to “%(meeting)s” on %(date)s"),
        "town_arrived": _("%(town)s is present (recorded by %(actor)s)"),
        "town_gone": _("%(town)s has left (recorded by %(actor)s)"),
        "presence_changed": _("%(actor)s corrected the presence of %(town)s"),
        "towns_arrived": _("%(actor)s set all who accepted present (municipalities: %(count)s)"),
        "towns_taken_back": _("%(actor)s took back that all who accepted are present (municipalities: %(count)s)"),
        "quorum_reached": _("Quorum reached: %(present)s present, %(needed)s needed"),
        "quorum_lost": _("Quorum lost: %(present)s of %(needed)s needed"),
        "quorum_set": _("%(actor)s set quorum and majority of the group “%(group)s”"),
    },
    quiet=(
        "town_accepted",
        "town_tentative",
        "town_apologised",
        "town_answer_changed",
        "town_arrived",
        "town_gone",
        "presence_changed",
        "towns_arrived",
        "towns_taken_back",
        "quorum_reached",
        "quorum_lost",
    ),
    spoken={
        "town_accepted": (_("%(town)s accepted"), _("{n} municipalities answered")),
        "town_tentative": (_("%(town)s accepted tentatively"), _("{n} municipalities answered")),
        "town_apologised": (_("%(town)s apologised"), _("{n} municipalities answered")),
        "town_arrived": (_("%(town)s is present"), _("{n} municipalities came")),
        "town_gone": (_("%(town)s has left"), _("{n} municipalities left")),
        "towns_arrived": (_("All who accepted are present"), ""),
        # Whether there is a quorum now: only the latest counts.
        "quorum_reached": (_("Quorum reached"), ""),
        "quorum_lost": (_("Quorum lost: %(present)s of %(needed)s needed"), ""),
    },
)

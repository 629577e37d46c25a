"""Who came to the demo's meetings, and who comes to the next one."""

from __future__ import annotations

from datetime import timedelta

from collab.network.models import Membership
from meetings.models import Attendance, Meeting, Presence
from workgroups.queries.group import expected_towns

from .presence import answer_invitation

Answer = Attendance.Answer
LATE, EARLY = timedelta(minutes=20), timedelta(minutes=25)
# By place in the alphabet, over and over: most come and stay, some come later, go earlier, send somebody, or do not.
HABITS = ("stays", "stays", "late", "stays", "stays", "deputy", "stays", "stays", "leaves", "stays", "missing", "stays")
WORDS = {
    Answer.ACCEPTED: ("", "", "Wir bringen Zahlen zur Terminvergabe mit.", ""),
    Answer.TENTATIVE: ("", "", "Hängt von der Gemeinderatssitzung ab."),
    Answer.APOLOGISED: ("", "Fortbildung"),
}
NEXT = (
    Answer.ACCEPTED,
    Answer.ACCEPTED,
    None,
    Answer.TENTATIVE,
    None,
    Answer.ACCEPTED,
    Answer.ACCEPTED,
    Answer.APOLOGISED,
    None,
    None,
)


def record_attendance(meeting: Meeting, turn: int) -> None:
    """Fill in who was at a meeting that took place, all rows at once; `turn` varies it from meeting to meeting."""
    officers, coming = _officers(meeting), []
    for place, town in enumerate(expected_towns(meeting.group, meeting.held_on)):
        habit, officer = HABITS[(place + turn * 5) % len(HABITS)], officers.get(town.pk)
        if officer is None:
            continue
        attendance = Attendance(
            meeting=meeting, municipality=town, answer=Answer.ACCEPTED, answered_by=officer, version=1
        )
        attendance.answered_at = meeting.starts_at - timedelta(days=3)
        if habit in ("deputy", "missing"):
            attendance.answer = Answer.APOLOGISED
            attendance.deputy_name = f"Vertretung aus {town.short_name}" if habit == "deputy" else ""
        coming.append((attendance, habit, officer))
    Attendance.objects.bulk_create(attendance for attendance, _habit, _officer in coming)
    Presence.objects.bulk_create(
        _stretch(meeting, attendance, habit, officer) for attendance, habit, officer in coming if habit != "missing"
    )


def _stretch(meeting: Meeting, attendance: Attendance, habit: str, officer: Membership) -> Presence:
    is_deputy = habit == "deputy"
    return Presence(
        attendance=attendance,
        began_at=meeting.starts_at + (LATE if habit == "late" else timedelta()),
        ended_at=meeting.ends_at - (EARLY if habit == "leaves" else timedelta()),
        representative=None if is_deputy else officer,
        represented_by=attendance.deputy_name if is_deputy else officer.person.name,
        recorded_by=officer,
    )


def answer_for_some(meeting: Meeting) -> None:
    """Let about half of the towns answer the invitation; one officer sends the town's guide."""
    officers = _officers(meeting)
    said = dict.fromkeys(Answer, 0)
    for place, town in enumerate(expected_towns(meeting.group, meeting.date)):
        answer, officer = NEXT[place % len(NEXT)], officers.get(town.pk)
        if answer is None or officer is None:
            continue
        words = WORDS[answer]
        said[answer] += 1
        away = answer == Answer.APOLOGISED
        guides = meeting.network.memberships.filter(role="guide", municipality=town, ended_on=None)
        answer_invitation(
            meeting=meeting,
            municipality=town,
            answer=answer,
            note=words[said[answer] % len(words)],
            deputy=guides.select_related("person").first() if away else None,
            deputy_name="",
            version=0,
            by=officer,
        )


def _officers(meeting: Meeting) -> dict[str | None, Membership]:
    officers = meeting.network.memberships.filter(role="officer", ended_on=None).select_related("person")
    return {officer.municipality_id: officer for officer in officers}

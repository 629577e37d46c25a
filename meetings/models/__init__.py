"""When and what was settled: series, meetings, agenda, what was said, decisions."""

from .agenda import AgendaItem, Attachment, Kind, RecordedAction, RecordedInvolvement
from .course import ActionCheck, Step
from .decision import Decision, DecisionNumber
from .idea import Idea
from .meeting import Meeting, MeetingGuest
from .presence import Attendance, Presence
from .series import Series, SeriesHost, SeriesRule, TemplateItem
from .talk import Report, Speech
from .wording import DecisionRevision, NotesVersion, Wording, WordingVersion

__all__ = [
    "ActionCheck",
    "AgendaItem",
    "Attachment",
    "Attendance",
    "Decision",
    "DecisionNumber",
    "DecisionRevision",
    "Idea",
    "Kind",
    "Meeting",
    "MeetingGuest",
    "NotesVersion",
    "Presence",
    "RecordedAction",
    "RecordedInvolvement",
    "Report",
    "Series",
    "SeriesHost",
    "SeriesRule",
    "Speech",
    "Step",
    "TemplateItem",
    "Wording",
    "WordingVersion",
]

"""When and what was settled: series, meetings, agenda, decisions."""

from .agenda import AgendaItem, Attachment, Kind, RecordedAction
from .decision import Decision, DecisionNumber
from .meeting import Meeting, MeetingGuest
from .series import Series, SeriesHost, SeriesRule, TemplateItem

__all__ = [
    "AgendaItem",
    "Attachment",
    "Decision",
    "DecisionNumber",
    "Kind",
    "Meeting",
    "MeetingGuest",
    "RecordedAction",
    "Series",
    "SeriesHost",
    "SeriesRule",
    "TemplateItem",
]

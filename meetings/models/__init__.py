"""When and what was settled: series, meetings, agenda, what was said, decisions."""

from .agenda import AgendaItem, Attachment, Kind, RecordedAction, RecordedInvolvement
from .course import ActionCheck, Step
from .decision import Decision, DecisionNumber
from .idea import Idea
from .life import Adoption, CarriedOut, DecisionStep
from .meeting import Meeting, MeetingGuest
from .minutes import Minutes, MinutesApproval, MinutesText, MinutesVersion
from .presence import Attendance, Presence
from .publication import Publication, PublicSite
from .series import Series, SeriesHost, SeriesRule, TemplateItem
from .talk import Report, Speech
from .visibility import Visibility
from .vote import Deputy, Proxy, Voice, Vote, VoteTown
from .wording import DecisionRevision, NotesVersion, Wording, WordingVersion

__all__ = [
    "ActionCheck",
    "Adoption",
    "AgendaItem",
    "Attachment",
    "Attendance",
    "CarriedOut",
    "Decision",
    "DecisionNumber",
    "DecisionRevision",
    "DecisionStep",
    "Deputy",
    "Idea",
    "Kind",
    "Meeting",
    "MeetingGuest",
    "Minutes",
    "MinutesApproval",
    "MinutesText",
    "MinutesVersion",
    "NotesVersion",
    "Presence",
    "Proxy",
    "PublicSite",
    "Publication",
    "RecordedAction",
    "RecordedInvolvement",
    "Report",
    "Series",
    "SeriesHost",
    "SeriesRule",
    "Speech",
    "Step",
    "TemplateItem",
    "Visibility",
    "Voice",
    "Vote",
    "VoteTown",
    "Wording",
    "WordingVersion",
]

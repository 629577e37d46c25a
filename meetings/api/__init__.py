"""REST over what was settled, to read: one module per noun."""

from .decision import DecisionDetail, Decisions
from .meeting import MeetingDetail, Meetings
from .minutes import MinutesDetail, MinutesList

__all__ = ["DecisionDetail", "Decisions", "MeetingDetail", "Meetings", "MinutesDetail", "MinutesList"]

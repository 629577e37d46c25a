"""Who may do what with minutes. The standing in their meeting decides."""

from __future__ import annotations

from meetings.models import Minutes, Visibility

from .meeting import CHAIR, GUEST, MEMBER, MINUTES, READER


def sees_draft(standing: str | None) -> bool:
    """Read minutes as they are being written: who sits at the table of the meeting."""
    return standing in (CHAIR, MINUTES, MEMBER)


def may_edit_minutes(standing: str | None) -> bool:
    """Edit the texts and finalise: the chair and the minute-taker of the meeting."""
    return standing in (CHAIR, MINUTES)


def may_read_minutes(standing: str | None, minutes: Minutes, *, is_finalised: bool) -> bool:
    """Read the minutes at all: the table always; once they are finalised the network, and guests of the whole meeting.

    Minutes that are only for the group nobody else reads.
    """
    if sees_draft(standing):
        return True
    is_open = minutes.visibility != Visibility.GROUP
    return standing in (READER, GUEST) and is_finalised and is_open

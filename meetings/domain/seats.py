"""A seat at the table: who takes it for a town, and what counts its changes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import F
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _

from collab.network.models import Membership, Role
from collab.network.queries import admitted
from meetings.models import Attendance, Presence
from meetings.queries.presence import Row

from .at_table import name_of

# A step that is taken back within this time was a slip: it leaves no stretch behind, and none is interrupted.
SLIP = timedelta(minutes=1)


class PresenceNow:
    """Who represents a town, as a conflict in the form shows it; `told` says whether it is here by now."""

    def __init__(self, row: Row) -> None:
        presence = row.stretches[-1].presence if row.stretches else None
        self.version = row.version
        self.representative = presence.representative if presence else None
        self.name = presence.represented_by if presence and not presence.representative else ""
        self.told = _told(row)


class AnswerNow:
    """What a town answered, as a conflict in the form shows it; the form goes on from the version of the answer."""

    def __init__(self, attendance: Attendance) -> None:
        self.version, self.answer, self.note = attendance.answer_version, attendance.answer, attendance.note
        self.deputy, self.deputy_name = attendance.deputy, attendance.deputy_name


def _told(row: Row) -> str:
    if row.since is None:
        told = _("%(town)s is noted as not present by now. If you save once more, it is set present.")
        return told % {"town": row.municipality}
    since = time_format(timezone.localtime(row.since), "TIME_FORMAT")
    told = _("%(town)s is noted as present since %(time)s by now. Check your entries and save once more.")
    return told % {"town": row.municipality, "time": since}


def raise_versions(attendances: Iterable[int]) -> None:
    """Let forms that were opened before a town came or left be stale. The caller holds the meeting's lock."""
    Attendance.objects.filter(pk__in=list(attendances)).update(version=F("version") + 1)


def able_to_sit(attendances: Iterable[Attendance]) -> set[tuple[int, str | None]]:
    """Return which deputies, and which of those who answered, still belong to which town; one query."""
    named = [pk for one in attendances for pk in (one.deputy_id, one.answered_by_id) if pk]
    people = admitted().filter(pk__in=named, person__is_active=True).exclude(role=Role.GUEST)
    return set(people.values_list("pk", "municipality_id"))


def resumed(
    *,
    attendance: Attendance,
    at: datetime | None,
    representative: Membership | None,
    name: str,
    able: set[tuple[int, str | None]],
    by: Membership,
) -> Presence | None:
    """Return the stretch that ended only just now, to go on with: leaving was a slip, or a step aside.

    None where somebody else sits down: who sat there before stays on record.
    """
    last = attendance.presences.order_by("-began_at", "-pk").first()
    is_fresh = last and last.ended_at and last.ended_at > last.began_at and timezone.now() - last.ended_at < SLIP
    if last is None or not is_fresh or at is not None:
        return None
    if representative is None and not name:
        representative, name = _usual(last, able, by)
    seated = (representative.pk if representative else None, name_of(representative, name))
    is_other = (representative or name) and seated != (last.representative_id, last.represented_by)
    return None if is_other else last


def seat(
    *,
    presence: Presence,
    representative: Membership | None,
    name: str,
    able: set[tuple[int, str | None]],
    by: Membership,
) -> None:
    """Save a stretch that lasts, with who represents the town; `able` is from `able_to_sit`."""
    attendance = presence.attendance
    if representative is None and not name:
        representative, name = _usual(presence, able, by)
    if representative or name:
        presence.representative, presence.represented_by = representative, name_of(representative, name)
    presence.ended_at, presence.recorded_by = None, by
    presence.attendance = attendance
    presence.save()


def _usual(presence: Presence, able: set[tuple[int, str | None]], by: Membership) -> tuple[Membership | None, str]:
    attendance = presence.attendance
    if by.municipality_id == attendance.municipality_id:
        return by, ""
    if presence.represented_by:
        return None, ""  # goes on with whoever sat there
    if attendance.deputy_name:
        return None, attendance.deputy_name
    # Who left the network since is not sitting there, and neither is who had sent them: nobody knows who is.
    person = attendance.deputy or attendance.answered_by
    is_able = person is not None and (person.pk, attendance.municipality_id) in able
    return (person, "") if is_able else (None, "")

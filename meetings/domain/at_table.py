"""What all steps at the table have in common: lock and rule, what may be said of whom and when, what goes on record."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _

from collab.live.answers import Refused
from collab.live.log import record
from collab.network.access import need
from collab.network.models import Membership, Municipality
from meetings import rules
from meetings.models import Attendance, Kind, Meeting, Presence
from meetings.queries.presence import EARLY, Quorum, Row, Table, can_come_early, people_of_town, presence_of

from .agenda import locked_meeting
from .regions import of_room
from .roll import join_roll


def at_the_door(meeting: Meeting, municipality: Municipality, actor: Membership) -> Meeting:
    meeting = locked_meeting(meeting.pk)
    need(rules.may_set_presence(actor, municipality.pk, rules.standing(actor, meeting)))
    return meeting


def need_to_keep_the_list(meeting: Meeting, actor: Membership) -> None:
    need(rules.may_write(rules.standing(actor, meeting)))
    need_open_door(meeting)


def need_open_door(meeting: Meeting) -> None:
    if meeting.state == Meeting.State.OPEN or can_come_early(meeting):
        return
    if meeting.state == Meeting.State.PLANNED:
        opens = timezone.localtime(meeting.starts_at - EARLY)
        raise Refused(
            _("Presence is recorded from %(date)s, %(time)s on, or as soon as the meeting is opened.")
            % {"date": date_format(opens, "SHORT_DATE_FORMAT"), "time": time_format(opens, "TIME_FORMAT")}
        )
    raise Refused(_("This meeting is over or was cancelled; its list of those present stays as it is."))


def town_row(table: Table, municipality: Municipality) -> Row:
    if (row := table.row_of(municipality.pk)) is None:
        raise Refused(
            _("%(town)s does not belong to this meeting: it is no member of the group.") % {"town": municipality}
        )
    return row


def lasting(row: Row) -> Presence | None:
    return row.now.presence if row.now else None


def need_own(meeting: Meeting, municipality: Municipality, representative: Membership | None) -> None:
    if representative and not people_of_town(meeting, municipality).filter(pk=representative.pk).exists():
        raise Refused(_("A municipality is represented by its own people. Enter a name for anybody else."))


def checked(at: datetime, row: Row, meeting: Meeting, beside: Presence | None = None) -> datetime:
    """Return the moment from which a town is present; raises Refused where that cannot be."""
    opened = meeting.opened_at
    if opened is None or at < opened.replace(second=0, microsecond=0) or at > timezone.now():
        raise Refused(_("The time must lie between the opening of the meeting and now."))
    earlier = [stretch for stretch in row.stretches if stretch.presence.pk != (beside.pk if beside else None)]
    if any(stretch.until and at < stretch.until for stretch in earlier):
        raise Refused(_("The municipality was present until later than that already."))
    return max(at, opened)


def checked_end(at: datetime, since: datetime) -> datetime:
    if at > timezone.now() or at < since.replace(second=0, microsecond=0):
        raise Refused(_("A municipality leaves after it came, and not in the future."))
    return max(at, since)


def name_of(representative: Membership | None, name: str) -> str:
    return representative.person.name if representative else name


def tell(
    meeting: Meeting,
    verb: str,
    actor: Membership,
    obj: Attendance | Meeting,
    town: Municipality | None = None,
    *,
    access: Iterable[int] = (),
    **params: Any,
) -> None:
    record(
        meeting.network,
        verb=verb,
        actor=actor,
        obj=obj,
        regions=[*_regions(meeting), *join_roll(meeting)],
        access=access,
        params={
            "meeting": meeting.title,
            "date": meeting.date.isoformat(),
            **({"town": town.short_name} if town else {}),
            **params,
        },
    )


def _regions(meeting: Meeting) -> list[str]:
    # A round of reports says of each town whether it is here; the stage leads to the next item when none is to come.
    is_round = meeting.active_item is not None and meeting.active_item.kind == Kind.ROUND
    return of_room(meeting, "people", *(["round", "active"] if is_round else []))


def tell_quorum(meeting: Meeting, before: Quorum | None, actor: Membership) -> None:
    """Put it on record, and so into everybody's ear, where a meeting in session gained or lost its quorum."""
    table = presence_of(meeting)
    if meeting.state != Meeting.State.OPEN or before is None or table.quorum is None:
        return
    if table.quorum.reached != before.reached:
        verb = "quorum_reached" if table.quorum.reached else "quorum_lost"
        tell(meeting, verb, actor, meeting, present=table.present, needed=table.quorum.needed)

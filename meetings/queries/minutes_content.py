"""What minutes say, as data: codes, no translated words. The draft is made of the meeting, a version is read as it is.

The schema (format 1) is `Content`; what is finalised is its `canonical` text and the SHA-256 of that.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from collab.network.models import Membership
from meetings.models import (
    AgendaItem,
    Attachment,
    Attendance,
    Decision,
    Meeting,
    Minutes,
    MinutesText,
    MinutesVersion,
    Proxy,
    RecordedAction,
    Report,
    Voice,
)
from workgroups.models import GroupMembership
from workgroups.rules import towns_needed

from .about import taken_on
from .agenda import agenda_of
from .minutes import chain_of, is_newer, newest_version
from .minutes_said import said_of_minutes
from .presence import Row, Table, presence_of

Content = dict[str, Any]
FORMAT = 1
# What a version says of itself; the rest is what the minutes say.
OF_VERSION = ("number", "chain", "position", "previous", "reason", "finalised")
TEXTS = ("remarks", "distribution")
PEOPLE = ("person", "municipality")


def canonical(content: Content) -> str:
    """Return the one way to write the content: sorted keys, no spaces, letters as they are."""
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def sha256_of(text: str) -> str:
    """Return the SHA-256 of the text in UTF-8, in hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def seal_of(content: Content) -> str:
    """Return the SHA-256 of what the minutes say, whatever number they get: what somebody saw is what is finalised."""
    return sha256_of(canonical(body_of(content)))


def body_of(content: Content) -> Content:
    """Return what the minutes say, without what a version says of itself."""
    return {name: value for name, value in content.items() if name not in OF_VERSION}


def content_of_version(version: MinutesVersion) -> Content:
    """Return what was finalised."""
    found: Content = json.loads(version.content)
    return found


def content_of(minutes: Minutes) -> Content:
    """Return what the minutes say now, as the next version would; a fixed number of queries.

    The first draft, and one after the meeting was reopened, is made of the meeting. Otherwise it is the last version
    with the texts as they are now: what else changed since is no matter of that meeting.
    """
    meeting, last = minutes.meeting, newest_version(minutes)
    is_made_anew = last is None or is_newer(meeting, last)
    content = _of_meeting(meeting) if last is None or is_made_anew else body_of(content_of_version(last))
    content["visibility"] = minutes.visibility
    _put_texts(content, minutes)
    before = MinutesVersion.objects.filter(chain=chain_of(meeting)).order_by("position").last()
    return {
        **content,
        "number": last.number + 1 if last else 1,
        "chain": chain_of(meeting),
        "position": before.position + 1 if before else 1,
        "previous": before.sha256 if before else "",
        "reason": "",
        "finalised": None,
    }


def person_of(membership: Membership | None) -> dict[str, str] | None:
    """Return somebody as they are called now: name, role, for whom they act; None for nobody."""
    if membership is None:
        return None
    return {"name": membership.person.name, "role": membership.role, "acts_for": membership.acts_for}


def instant(at: datetime | None) -> str:
    """Return an instant as ISO 8601 in UTC, an empty text for none."""
    return at.astimezone(UTC).isoformat() if at else ""


def _day(on: date | None) -> str:
    return on.isoformat() if on else ""


def _put_texts(content: Content, minutes: Minutes) -> None:
    """Put the texts as they are now into the content: those of the minutes, else the notes of the meeting."""
    rows = AgendaItem.objects.filter(meeting=minutes.meeting).values_list("pk", "notes", "visibility")
    items = {pk: (notes, visibility) for pk, notes, visibility in rows}
    texts = {text.item_id: text for text in MinutesText.objects.filter(minutes=minutes.pk)} if minutes.pk else {}
    for item in content["items"]:
        notes, visibility = items.get(item["id"], (item["notes"], item["visibility"]))
        text = texts.get(item["id"])
        item["result"], item["notes"] = (text.result, text.notes) if text else ("", notes)
        item["visibility"] = visibility
    for name in TEXTS:
        content[name] = getattr(minutes, name)


# -- made of the meeting ----------------------------------------------------------------------------------------------


def _of_meeting(meeting: Meeting) -> Content:
    table = presence_of(meeting)
    items = _items(meeting)
    return {
        "format": FORMAT,
        "network": {"slug": meeting.network.slug, "name": meeting.network.name},
        "group": {
            "id": meeting.group_id,
            "name": meeting.group.name,
            "kind": meeting.group.kind,
            "is_internal": meeting.group.is_internal,
        },
        "meeting": _head(meeting),
        "chair": person_of(_in_charge(meeting, "chair")),
        "minute_taker": person_of(_in_charge(meeting, "minutes")),
        "quorum": _quorum(meeting, table),
        "attendance": _attendance(meeting, table),
        "guests": _guests(meeting),
        "items": items,
        "annexes": _annexes(items),
    }


def _head(meeting: Meeting) -> dict[str, Any]:
    return {
        "id": meeting.pk,
        "title": meeting.title,
        "date": _day(meeting.held_on),
        "time_zone": meeting.time_zone,
        "began": instant(meeting.opened_at),
        "ended": instant(meeting.closed_at),
        "place": meeting.place,
        "host": meeting.host.short_name if meeting.host else "",
    }


def _in_charge(meeting: Meeting, role: str) -> Membership | None:
    """Return who chaired or took the minutes: whoever was named, else the one person who does it for the group."""
    named = meeting.chair if role == "chair" else meeting.minute_taker
    if named:
        return named
    rows = GroupMembership.objects.filter(group=meeting.group_id, role=role, membership__ended_on=None)
    found = list(rows.select_related("membership__person", "membership__municipality")[:2])
    return found[0].membership if len(found) == 1 else None


def _quorum(meeting: Meeting, table: Table) -> dict[str, int] | None:
    """Return the rule as it was when something was decided; the group may have changed its own since."""
    decided = meeting.decisions.filter(needed__isnull=False).order_by("pk").values_list("needed", flat=True).first()
    group = meeting.group
    needed = decided or towns_needed(group.quorum, group.quorum_number, table.expected)
    if needed is None or not table.is_recorded:
        return None
    return {"needed": needed, "present": table.present, "expected": table.expected}


def _attendance(meeting: Meeting, table: Table) -> list[dict[str, Any]]:
    proxies = Proxy.objects.filter(meeting=meeting, ended_at=None).select_related("holder__person")
    holders = {proxy.municipality_id: proxy.holder.person.name for proxy in proxies}
    return [_town(row, holders.get(row.municipality.pk, "")) for row in table.rows]


def _town(row: Row, proxy_to: str) -> dict[str, Any]:
    away = "apologised" if row.answer == Attendance.Answer.APOLOGISED else "absent"
    return {
        "ags": row.municipality.pk,
        "town": row.municipality.short_name,
        "status": "present" if row.stretches else away,
        "by": row.represented_by,
        "deputy": _is_deputy(row),
        "since": instant(row.stretches[0].since) if row.stretches else "",
        "until": instant(row.until),
        "proxy_to": proxy_to,
    }


def _is_deputy(row: Row) -> bool:
    if not row.stretches or row.attendance is None:
        return False
    who = row.stretches[-1].presence.representative_id
    named = row.attendance.deputy_id
    return (who is not None and who == named) or bool(row.deputy and row.represented_by == row.deputy)


def _guests(meeting: Meeting) -> list[dict[str, str] | None]:
    guests = Membership.objects.filter(guest_at__meeting=meeting).distinct().select_related(*PEOPLE)
    return [person_of(guest) for guest in guests.order_by("person__name", "pk")]


def _items(meeting: Meeting) -> list[dict[str, Any]]:
    decisions, actions = _decisions(meeting), _actions(meeting)
    parts, reports, files = _taken_on(meeting), _reports(meeting), _files(meeting)
    said = said_of_minutes(meeting)
    found = []
    for row in agenda_of(meeting).flat:
        item = row.item
        found.append(
            {
                "id": item.pk,
                "number": row.number,
                "title": item.title,
                "kind": item.kind,
                "town": item.municipality.short_name if item.municipality else "",
                "presenter": item.presenter,
                "state": item.state,
                "visibility": item.visibility,
                "result": "",
                "notes": item.notes,
                "decisions": decisions[item.pk],
                "actions": actions[item.pk],
                "taken_on": parts[item.pk],
                "reports": reports[item.pk],
                "files": files[item.pk],
                # Only where there is something: earlier versions do not have it.
                **({"approvals": said[item.pk]} if said[item.pk] else {}),
                **({"carried_on": _day(item.carried_to.meeting.date)} if _went_on(item) else {}),
            }
        )
    return found


def _went_on(item: AgendaItem) -> bool:
    return item.is_carried and hasattr(item, "carried_to")


def _decisions(meeting: Meeting) -> dict[int, list[Content]]:
    decisions = list(Decision.objects.filter(meeting=meeting).order_by("year", "number"))
    voices = _voices(decisions)
    found: dict[int, list[Content]] = defaultdict(list)
    for one in decisions:
        found[one.item_id or 0].append(
            {
                "reference": one.reference,
                "subject": one.subject,
                "wording": one.wording,
                "mode": one.mode,
                "yes": one.yes,
                "no": one.no,
                "abstain": one.abstain,
                "towns": one.towns,
                "present": one.present,
                "needed": one.needed,
                "majority": one.majority,
                "carried": one.carried,
                "visibility": one.visibility,
                "void": one.is_void,
                "void_reason": one.void_reason,
                "voices": voices[one.pk],
            }
        )
    return found


def _voices(decisions: Iterable[Decision]) -> dict[int, list[Content]]:
    keys = [decision.pk for decision in decisions]
    voices = Voice.objects.filter(vote__decision__in=keys, replaced_at=None).select_related("vote")
    found: dict[int, list[Content]] = defaultdict(list)
    for voice in voices.order_by("municipality__sort_key", "municipality"):
        found[voice.vote.decision_id or 0].append(
            {
                "town": voice.town_name,
                "answer": voice.answer,
                "reason": voice.reason,
                "capacity": voice.capacity,
                "by": voice.by_name,
            }
        )
    return found


def _actions(meeting: Meeting) -> dict[int, list[Content]]:
    rows = RecordedAction.objects.filter(item__meeting=meeting).order_by("pk")
    found: dict[int, list[Content]] = defaultdict(list)
    for row in rows.select_related("action_item__municipality", "action_item__person__person"):
        action = row.action_item
        found[row.item_id].append(
            {
                "title": action.title,
                "town": action.municipality.short_name if action.municipality else "",
                "person": action.person.person.name if action.person else "",
                "due_on": _day(action.due_on),
                "state": action.state,
            }
        )
    return found


def _taken_on(meeting: Meeting) -> dict[int, list[Content]]:
    found: dict[int, list[Content]] = defaultdict(list)
    for row in taken_on(item__meeting=meeting):
        part = row.involvement
        found[row.item_id].append(
            {"project": part.project.title, "town": part.municipality.short_name, "role": part.role}
        )
    return found


def _reports(meeting: Meeting) -> dict[int, list[Content]]:
    """What towns reported in rounds that took place; what was prepared for one that did not goes to the next."""
    reports = Report.objects.filter(item__meeting=meeting, item__started_at__isnull=False).select_related(
        "municipality"
    )
    found: dict[int, list[Content]] = defaultdict(list)
    for report in reports.exclude(state=Report.State.PASSED).order_by("municipality__sort_key", "municipality"):
        if report.has_text:
            said = {"news": report.news, "needs": report.needs, "offers": report.offers}
            found[report.item_id].append({"town": report.municipality.short_name, **said})
    return found


def _files(meeting: Meeting) -> dict[int, list[Content]]:
    found: dict[int, list[Content]] = defaultdict(list)
    for file in Attachment.objects.filter(item__meeting=meeting, removed_at=None):
        found[file.item_id].append({"name": file.name, "size": file.size, "sha256": file.sha256})
    return found


def _annexes(items: Iterable[Content]) -> list[Content]:
    """Return the files of all items, numbered through, with the number of the item they belong to."""
    files = [(item["number"], file) for item in items for file in item["files"]]
    return [{"number": k, "item": number, **file} for k, (number, file) in enumerate(files, start=1)]

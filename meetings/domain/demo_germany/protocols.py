"""Finalised minutes of the meetings of a whole network, chained as those that people finalise one by one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from collab.network.models import Role
from meetings.models import Attendance, Meeting, Minutes, MinutesApproval, MinutesVersion, Visibility
from meetings.models import Kind as ItemKind
from meetings.queries.minutes_content import FORMAT, Content, canonical, instant, sha256_of

from .log import Log
from .meetings import Meetings
from .people import GROUPS, Circle
from .tables import Row, Table

BERLIN = ZoneInfo("Europe/Berlin")
# So many days after a meeting its minutes are finalised; those of a later one are still a draft.
AFTER, AT = 6, time(11)
DISTRIBUTION = "Digitalisierungsbeauftragte der Mitglieder\n(Ober-)Bürgermeister:innen zur Kenntnis"
OF_DECISION = (
    "subject",
    "wording",
    "mode",
    "yes",
    "no",
    "abstain",
    "towns",
    "present",
    "needed",
    "majority",
    "carried",
)


class Protocols:
    """Rows of minutes, made of the rows of the meetings as long as these are not written yet."""

    def __init__(self, log: Log, meetings: Meetings) -> None:
        self.log, self.meetings = log, meetings
        self.minutes = Table(Minutes, "meeting", "distribution")
        place = ("network", "minutes", "number", "chain", "position", "content", "sha256", "previous")
        self.versions = Table(MinutesVersion, *place, "finalised_by", "finalised_at")
        self.approvals = Table(MinutesApproval, "version", "item", "kind", "by", "by_name", "on", "at")
        self.tables = [self.minutes, self.versions, self.approvals]

    def write_down(self, circle: Circle, today: date) -> None:
        """Finalise the minutes of every meeting that is long enough ago, and let the next one approve them."""
        facts, chains = Facts(circle, self.meetings), defaultdict[str, list[Finalised]](list)
        for meeting in facts.closed:
            chain = f"series:{meeting['series']}" if meeting["series"] else f"group:{meeting['group']}"
            before = chains[chain]
            said = self._approve(circle, facts, meeting, before[-1]) if before else {}
            if meeting["date"] + timedelta(days=AFTER) < today:
                place = {"chain": chain, "position": len(before) + 1, "previous": before[-1].sha256 if before else ""}
                before.append(self._finalise(circle, meeting, {**facts.content(meeting, said), **place}))

    def _finalise(self, circle: Circle, meeting: Row, content: Content) -> Finalised:
        at = datetime.combine(meeting["date"] + timedelta(days=AFTER), AT, BERLIN)
        texts = {"remarks": "", "distribution": DISTRIBUTION, "visibility": Visibility.NETWORK.value}
        of_version = {"number": 1, "reason": "", "finalised": {"by": _office(circle), "at": instant(at)}}
        text = canonical({**content, **texts, **of_version})
        made = Finalised(meeting, self.minutes.add(meeting["pk"], DISTRIBUTION), sha256_of(text))
        place = (content["chain"], content["position"], text, made.sha256, content["previous"])
        made.version = self.versions.add(circle.network.pk, made.minutes, 1, *place, circle.office, at)
        told = {**made.names, "sha256": made.sha256, "reason": ""}
        self.log.tell(at, (circle.office, circle.office_name), "minutes_finalised", "minutes", made.minutes, told)
        return made

    def _approve(self, circle: Circle, facts: Facts, meeting: Row, last: Finalised) -> dict[int, list[Content]]:
        """Approve the minutes before under the standing item, where there is one; returns what it says by item."""
        item = facts.standing.get(meeting["pk"])
        if item is None:
            return {}
        at, by = meeting["opened_at"] + timedelta(minutes=5), (circle.office, circle.office_name)
        self.approvals.add(last.version, item, MinutesApproval.Kind.APPROVED.value, *by, meeting["date"], at)
        self.log.tell(at, by, "minutes_approved", "minutes", last.minutes, {**last.names, "town": ""})
        approved = {"kind": MinutesApproval.Kind.APPROVED.value, "town": "", "text": "", "number": 1}
        of = {"title": last.meeting["title"], "date": last.meeting["date"].isoformat()}
        return {item: [{**approved, **of, "visibility": Visibility.NETWORK.value}]}


class Finalised:
    """Minutes that were finalised: of which meeting, and by which keys and hash the next ones know them."""

    def __init__(self, meeting: Row, minutes: int, sha256: str) -> None:
        self.meeting, self.minutes, self.sha256, self.version = meeting, minutes, sha256, 0

    @property
    def names(self) -> dict[str, Any]:
        """What the log says of them."""
        held = {"meeting": self.meeting["title"], "date": self.meeting["date"].isoformat()}
        return {**held, "meeting_id": self.meeting["pk"], "number": 1}


class Facts:
    """What the meetings of a network settled, by meeting and item; says it as `minutes_content` does."""

    def __init__(self, circle: Circle, meetings: Meetings) -> None:
        self.circle = circle
        self.names = {town.pk: town.town.short_name for town in circle.towns}
        self.people = {town.officer: town.title for town in circle.towns}
        self.towns = sorted(circle.towns, key=lambda town: (town.town.sort_key, town.pk))
        self.kinds = {key: (name, kind.value) for key, (kind, name, _why) in zip(circle.groups, GROUPS, strict=True)}
        held = [row for row in meetings.meetings.kept() if row["state"] == Meeting.State.CLOSED]
        self.closed = sorted(held, key=lambda row: (row["date"], row["pk"]))
        self.items = _by("meeting", meetings.items.kept())
        self.standing = {row["meeting"]: row["pk"] for row in meetings.items.kept() if row["kind"] == ItemKind.APPROVAL}
        self.decisions = _by("item", sorted(meetings.decisions.decisions.kept(), key=lambda row: row["number"]))
        of_vote = {row["pk"]: row["decision"] for row in meetings.decisions.votes.votes.kept()}
        place = {town.pk: number for number, town in enumerate(self.towns)}
        voices = sorted(meetings.decisions.votes.voices.kept(), key=lambda row: place[row["municipality"]])
        self.voices = _by("decision", ({**row, "decision": of_vote[row["vote"]]} for row in voices))
        actions = {row["pk"]: row for row in meetings.actions.kept()}
        self.actions = _by("item", ({**actions[row["action_item"]], **row} for row in meetings.born.kept()))
        stays = {row["attendance"]: row for row in meetings.presences.kept()}
        answers = ({**row, "stay": stays.get(row["pk"])} for row in meetings.attendances.kept())
        self.attendances = _by("meeting", answers)

    def content(self, meeting: Row, said: dict[int, list[Content]]) -> Content:
        """Return what the minutes of a meeting say; `said` is what it said of earlier ones, by item."""
        network, (name, kind) = self.circle.network, self.kinds[meeting["group"]]
        came = {row["municipality"]: row for row in self.attendances[meeting["pk"]]}
        rows = sorted(self.items[meeting["pk"]], key=lambda row: row["position"])
        return {
            "format": FORMAT,
            "network": {"slug": network.slug, "name": network.name},
            "group": {"id": meeting["group"], "name": name, "kind": kind, "is_internal": False},
            "meeting": self._head(meeting),
            "chair": _office(self.circle),
            "minute_taker": None,
            "quorum": self._quorum(came) if came else None,
            "attendance": [_town(name, key, came.get(key)) for key, name in self._by_name()],
            "guests": [],
            "items": [self._item(str(number), row, said) for number, row in enumerate(rows, start=1)],
            "annexes": [],
        }

    def _by_name(self) -> Iterable[tuple[str, str]]:
        return ((town.pk, self.names[town.pk]) for town in self.towns)

    def _head(self, meeting: Row) -> Content:
        return {
            "id": meeting["pk"],
            "title": meeting["title"],
            "date": meeting["date"].isoformat(),
            "time_zone": str(BERLIN),
            "began": instant(meeting["opened_at"]),
            "ended": instant(meeting["closed_at"]),
            "place": meeting["place"],
            "host": self.names[meeting["host"]],
        }

    def _quorum(self, came: dict[str, Row]) -> Content:
        towns = len(self.towns)
        present = sum(1 for row in came.values() if row["stay"])
        return {"needed": towns // 2 + 1, "present": present, "expected": towns}

    def _item(self, number: str, row: Row, said: dict[int, list[Content]]) -> Content:
        pk = row["pk"]
        found = {name: row[name] for name in ("title", "kind", "state", "notes")}
        lists: dict[str, list[Content]] = {"taken_on": [], "reports": [], "files": []}
        return {
            **found,
            **lists,
            "id": pk,
            "number": number,
            "town": self.names.get(row["municipality"] or "", ""),
            "presenter": "",
            "visibility": Visibility.NETWORK.value,
            "result": "",
            "decisions": [self._decision(one) for one in self.decisions[pk]],
            "actions": [self._action(one) for one in self.actions[pk]],
            **({"approvals": said[pk]} if pk in said else {}),
        }

    def _decision(self, row: Row) -> Content:
        voices = [
            {
                "town": voice["town_name"],
                "answer": voice["answer"],
                "reason": voice["reason"],
                "capacity": voice["capacity"],
                "by": voice["by_name"],
            }
            for voice in self.voices[row["pk"]]
        ]
        return {
            **{name: row[name] for name in OF_DECISION},
            "reference": f"{row['year']}-{row['number']:03d}",
            "visibility": Visibility.NETWORK.value,
            "void": False,
            "void_reason": "",
            "voices": voices,
        }

    def _action(self, row: Row) -> Content:
        """As it was agreed on: what became of it since is no matter of the minutes."""
        whose = {"town": self.names[row["municipality"]], "person": self.people[row["person"]]}
        return {"title": row["title"], **whose, "due_on": row["due_on"].isoformat(), "state": "open"}


def _town(name: str, key: str, row: Row | None) -> Content:
    """Return whether a town came; where nobody's presence was recorded none did."""
    stay = row["stay"] if row else None
    apologised = row is not None and row["answer"] == Attendance.Answer.APOLOGISED
    away = "apologised" if apologised else "absent"
    return {
        "ags": key,
        "town": name,
        "status": "present" if stay else away,
        "by": stay["represented_by"] if stay else "",
        "deputy": False,
        "since": instant(stay["began_at"]) if stay else "",
        "until": instant(stay["ended_at"]) if stay else "",
        "proxy_to": "",
    }


def _office(circle: Circle) -> Content:
    return {"name": circle.office_name, "role": Role.COORDINATOR.value, "acts_for": ""}


def _by(name: str, rows: Iterable[Row]) -> dict[Any, list[Row]]:
    found = defaultdict[Any, list[Row]](list)
    for row in rows:
        found[row[name]].append(row)
    return found

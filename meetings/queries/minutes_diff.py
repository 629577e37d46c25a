"""What a version of minutes changed against the one before it: as data, each text marked word by word."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .minutes_content import Content, body_of
from .wording import Mark, marks

# Who may read something is no matter of what it says.
ACCESS = "visibility"
ITEM_TEXTS = ("number", "title", "town", "presenter", "state", "carried_on", "result", "notes")
# What a line does not say of a row: nobody reads it.
CODES = ("size", "sha256", "kind", ACCESS)


@dataclass(frozen=True)
class Difference:
    """One thing that is not as it was: of which item (its number and title, empty for the minutes as a whole), what of
    it (a code: "notes", "decision", "attendance" …), which one of several, and the text with its marks.
    """

    number: str
    title: str
    what: str
    which: str
    marked: tuple[Mark, ...]


def is_same(before: Content, after: Content) -> bool:
    """Return whether both say the same, whatever became of the action items since."""
    return _lasting(before) == _lasting(after)


def differences(before: Content, after: Content) -> list[Difference]:
    """Return what changed from one version to the next, in the order of the minutes."""
    old, new = _lasting(before), _lasting(after)
    found = [*_of_head(old, new), *_of_attendance(old, new)]
    was = {item["id"]: item for item in old["items"]}
    now = {item["id"]: item for item in new["items"]}
    for item in [*new["items"], *(item for item in old["items"] if item["id"] not in now)]:
        found += _of_item(was.get(item["id"], {}), now.get(item["id"], {}))
    found += _texts("", "", old, new, ("remarks", "distribution"))
    return found


def _lasting(content: Content) -> Content:
    """What the minutes say, without who may read it and without what became of the action items since."""
    body = _less(body_of(content), ACCESS)
    return {**body, "items": [_lasting_item(item) for item in body["items"]]}


def _lasting_item(item: Content) -> Content:
    actions = [_less(action, "state") for action in item["actions"]]
    decisions = [_less(decision, ACCESS) for decision in item["decisions"]]
    return {**_less(item, ACCESS), "actions": actions, "decisions": decisions}


def _less(values: Content, name: str) -> Content:
    return {key: value for key, value in values.items() if key != name}


def _of_head(old: Content, new: Content) -> list[Difference]:
    names = ("title", "date", "began", "ended", "place", "host")
    found = _texts("", "", old["meeting"], new["meeting"], names)
    for who in ("chair", "minute_taker"):
        found += _text("", "", who, "", _person(old[who]), _person(new[who]))
    found += _lists("", "", "guest", [_person(one) for one in old["guests"]], [_person(one) for one in new["guests"]])
    return found


def _of_attendance(old: Content, new: Content) -> list[Difference]:
    was = {row["ags"]: row for row in old["attendance"]}
    now = {row["ags"]: row for row in new["attendance"]}
    found = []
    for ags in dict.fromkeys([*now, *was]):
        if was.get(ags) != now.get(ags):
            town = (now.get(ags) or was[ags])["town"]
            found.append(Difference("", "", "attendance", town, ()))
    return found


def _of_item(old: Content, new: Content) -> list[Difference]:
    number, title = (new or old)["number"], (new or old)["title"]
    if not old or not new:
        kind = "added" if new else "removed"
        return [Difference(number, title, "item", "", ((kind, title),))]
    found = _texts(number, title, old, new, ITEM_TEXTS)
    found += _decisions(number, title, old["decisions"], new["decisions"])
    for name in ("approvals", "actions", "taken_on", "reports", "files"):
        found += _lists(number, title, name, *([_line(one) for one in side.get(name, [])] for side in (old, new)))
    return found


def _decisions(number: str, title: str, old: list[Content], new: list[Content]) -> list[Difference]:
    was, now = ({one["reference"]: one for one in side} for side in (old, new))
    found = []
    for reference in dict.fromkeys([*now, *was]):
        before, after = was.get(reference, {}), now.get(reference, {})
        found += _text(number, title, "decision", reference, before.get("wording", ""), after.get("wording", ""))
        if before and after and {**before, "wording": ""} != {**after, "wording": ""}:
            found.append(Difference(number, title, "result_of", reference, ()))
    return found


def _texts(number: str, title: str, old: Content, new: Content, names: Iterable[str]) -> list[Difference]:
    return [one for name in names for one in _text(number, title, name, "", old.get(name, ""), new.get(name, ""))]


def _text(number: str, title: str, what: str, which: str, before: str, after: str) -> list[Difference]:
    return [] if before == after else [Difference(number, title, what, which, marks(before, after))]


def _lists(number: str, title: str, what: str, old: list[str], new: list[str]) -> list[Difference]:
    gone = [Difference(number, title, what, "", (("removed", line),)) for line in old if line not in new]
    return [*gone, *(Difference(number, title, what, "", (("added", line),)) for line in new if line not in old)]


def _line(row: Content) -> str:
    return " · ".join(str(value) for name, value in row.items() if value and name not in CODES)


def _person(one: dict[str, Any] | None) -> str:
    if one is None:
        return ""
    return f"{one['name']} ({one['acts_for']})" if one["acts_for"] else one["name"]

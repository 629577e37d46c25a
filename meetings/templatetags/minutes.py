"""The codes of minutes in words: their content is data, the same in every language."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from collab.network.models import Role
from meetings.models import AgendaItem, Decision, Kind, Voice
from workgroups.models import ActionItem, Group, Involvement

register = template.Library()
MINUTE = timedelta(minutes=1)
LABELS = {
    "role": Role,
    "kind": Kind,
    "state": AgendaItem.State,
    "action": ActionItem.State,
    "part": Involvement.Role,
    "answer": Voice.Answer,
    "capacity": Voice.Capacity,
    "majority": Group.Majority,
    "mode": Decision.Mode,
}


@register.filter
def in_words(code: str, of: str) -> str:
    """Return the label of a code: `"officer"|in_words:"role"`; the code where there is no word for it."""
    try:
        return str(LABELS[of](code).label)
    except ValueError:
        return code


@register.filter
def voiced(answer: str, mode: str) -> str:
    """Return a voice in words; in a vote by consent who does not object says "no objection"."""
    if mode == Decision.Mode.CONSENT and answer == Voice.Answer.YES:
        return pgettext("voice", "No objection")
    return in_words(answer, "answer")


@register.filter
def instant(text: str) -> datetime | None:
    """Return an instant written in ISO 8601, None for an empty text."""
    return datetime.fromisoformat(text) if text else None


@register.filter
def day(text: str) -> date | None:
    """Return a date written in ISO 8601, None for an empty text."""
    return date.fromisoformat(text) if text else None


@register.filter
def person(one: dict[str, str] | None) -> str:
    """Return somebody with what they act for, such as "Anna Muster (Kehl)"."""
    if not one:
        return ""
    return f"{one['name']} ({one['acts_for']})" if one["acts_for"] else one["name"]


@register.filter
def result(decision: dict[str, Any]) -> str:
    """Return the result of a decision as minutes write it; empty where it was recorded without quorum and so on."""
    counts = {name: decision[name] for name in ("mode", "yes", "no", "abstain")}
    return Decision(**counts).in_words


@register.filter
def basis(decision: dict[str, Any]) -> str:
    """Return how many municipalities took part and under which rule, such as "14 of 17 present, simple majority"."""
    said = []
    if decision["present"] is not None and decision["towns"]:
        numbers = {"present": decision["present"], "towns": decision["towns"]}
        said.append(_("%(present)s of %(towns)s municipalities present") % numbers)
    if decision["needed"]:
        said.append(_("quorum %(needed)s") % {"needed": decision["needed"]})
    if decision["mode"] == Decision.Mode.COUNTED:
        said.append(in_words(decision["majority"], "majority"))
    return ", ".join(said)


@register.filter
def without_quorum(decision: dict[str, Any]) -> str:
    """Return that there was no quorum, as minutes write it; empty where there was one or none is needed."""
    return Decision(present=decision["present"], needed=decision["needed"]).quorum_in_words


@register.filter
def what_changed(code: str) -> str:
    """Return the words for what a difference between two versions is about."""
    return {
        "title": _("Title"),
        "date": _("Date"),
        "began": _("Begin"),
        "ended": _("End"),
        "place": _("Place"),
        "host": _("Host"),
        "chair": _("Chair"),
        "minute_taker": _("Minute-taker"),
        "guest": _("Guests"),
        "attendance": _("Attendance"),
        "item": _("Item of the agenda"),
        "number": _("Number"),
        "town": _("Presenting municipality"),
        "presenter": _("Presented by"),
        "state": _("State"),
        "carried_on": _("Carried over to"),
        "result": _("Result"),
        "notes": _("Notes"),
        "decision": _("Decision"),
        "result_of": _("Result of the vote"),
        "approvals": _("Approval of minutes"),
        "actions": _("Action items"),
        "taken_on": pgettext("involvements", "Taken on"),
        "reports": _("Reports"),
        "files": _("Files"),
        "remarks": _("Remarks"),
        "distribution": _("Distribution list"),
    }.get(code, code)


@register.filter
def items(content: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the items of minutes: in a template `content.items` is the method of the dictionary."""
    found: list[dict[str, Any]] = content["items"]
    return found


@register.filter
def towns(content: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return the towns by their status: present, apologised, absent."""
    rows = content["attendance"]
    return {status: [row for row in rows if row["status"] == status] for status in ("present", "apologised", "absent")}


@register.filter
def is_partly(row: dict[str, Any], meeting: dict[str, Any]) -> bool:
    """Return whether a town came later than the meeting began or left before its end, by a minute at least."""
    if not row["since"] or not meeting["began"]:
        return False
    late = datetime.fromisoformat(row["since"]) - datetime.fromisoformat(meeting["began"]) >= MINUTE
    ends = row["until"] and meeting["ended"]
    early = bool(ends) and datetime.fromisoformat(meeting["ended"]) - datetime.fromisoformat(row["until"]) >= MINUTE
    return late or early

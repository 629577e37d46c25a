"""The table of live regions: which audience each role is of; whoever is not named may not see the region."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .urls import BODY, CHAIRS, MEMBERS, PLANNERS, WRITERS, circulated, voting
from .world import Things

OFFICE = {"coordinator": "coordinator"}
OFFICE_CHAIR = {"coordinator": "chair"}
STANDING = {
    **dict.fromkeys(CHAIRS, "chair"),
    "minutes": "minutes",
    "kehl": "member",
    "achern": "member",
    "mayor": "reader",
    "guide": "reader",
    "guest": "guest",
}
EVERY_MEMBER = dict.fromkeys(MEMBERS, "member")
# Who says who may read something: the coordinator what is public, the group's chair what is the group's own.
PUBLISHING = {**EVERY_MEMBER, "coordinator": "coordinator", "chair": "chair"}


@dataclass(frozen=True)
class RegionRow:
    pk: Callable[[Things], int]
    audience: dict[str, str]


def of(name: str) -> Callable[[Things], int]:
    return lambda things: getattr(things, name).pk


# Who works for a town, and who only reads.
WORKING = {
    **dict.fromkeys(MEMBERS, "worker"),
    **dict.fromkeys(("coordinator", "mayor"), "reader"),
}

# By role alone: what only some towns may do is shown by the browser.
BY_ROLE = {**dict.fromkeys(MEMBERS, "officer"), **OFFICE, "mayor": "reader", "guide": "guide"}

# Kehl chairs the working group, Achern has asked to join it.
IN_CIRCLE = {**dict.fromkeys(MEMBERS, "outside"), **OFFICE_CHAIR, "kehl": "chair"}

# A vote by circulation: whoever runs the group may withdraw it.
CIRCULATED = {
    **dict.fromkeys(MEMBERS, "reader"),
    **dict.fromkeys(BODY, "member"),
    **dict.fromkeys(PLANNERS, "chair"),
}

REGIONS = {
    "admissions": RegionRow(of("member"), {"guide": "me"}),
    "group": RegionRow(of("circle"), {**IN_CIRCLE, "achern": "asked"}),
    "group-decisions": RegionRow(of("group"), {**EVERY_MEMBER, **dict.fromkeys(BODY, "inside")}),
    "group-files": RegionRow(of("circle"), IN_CIRCLE),
    "group-list": RegionRow(of("network"), BY_ROLE),
    "group-meetings": RegionRow(of("group"), {**{who: STANDING[who] for who in MEMBERS}, "presiding": "member"}),
    "group-members": RegionRow(of("circle"), {**EVERY_MEMBER, **OFFICE_CHAIR, "kehl": "chair"}),
    "group-work": RegionRow(of("circle"), {**IN_CIRCLE, "achern": "asked"}),
    # Achern's.
    "asked": RegionRow(of("accession"), {**OFFICE, "achern": "officer"}),
    "board": RegionRow(of("network"), BY_ROLE),
    "board-line": RegionRow(of("led"), BY_ROLE),
    "board-news": RegionRow(of("network"), BY_ROLE),
    "board-of": RegionRow(of("network"), BY_ROLE),
    "board-row": RegionRow(of("led"), BY_ROLE),
    "project-towns": RegionRow(of("led"), BY_ROLE),
    "project-head": RegionRow(of("led"), BY_ROLE),
    "project-profile": RegionRow(of("led"), BY_ROLE),
    "project-history": RegionRow(of("led"), BY_ROLE),
    "balance": RegionRow(of("network"), EVERY_MEMBER),
    "coverage": RegionRow(of("network"), EVERY_MEMBER),
    # Achern's.
    "coverage-town": RegionRow(of("accession"), {"coordinator": "reader", "achern": "worker"}),
    "project-questions": RegionRow(of("led"), BY_ROLE),
    "question": RegionRow(of("asked"), BY_ROLE),
    "question-list": RegionRow(of("network"), BY_ROLE),
    # Achern's.
    "questions-to": RegionRow(of("accession"), {**OFFICE, "achern": "officer"}),
    "project-work": RegionRow(of("led"), BY_ROLE),
    "project-reuse": RegionRow(of("led"), WORKING),
    "reuse": RegionRow(of("reuse"), WORKING),
    "service": RegionRow(of("network"), WORKING),
    "action-item": RegionRow(
        of("action"), {**dict.fromkeys(MEMBERS, "reader"), **dict.fromkeys([*PLANNERS, "kehl"], "responsible")}
    ),
    "action-board": RegionRow(
        of("network"),
        {**dict.fromkeys(MEMBERS, "worker"), **OFFICE, "mayor": "reader"},
    ),
    "action-log": RegionRow(of("network"), EVERY_MEMBER),
    "decision": RegionRow(of("decision"), {**EVERY_MEMBER, "guest": "guest", "guest_at_item": "guest"}),
    "circular": RegionRow(lambda things: circulated(things)[0], CIRCULATED),
    "circular-steps": RegionRow(lambda things: circulated(things)[0], CIRCULATED),
    "circulars": RegionRow(of("network"), EVERY_MEMBER),
    # Achern's, for everybody to look at.
    "votes-to": RegionRow(of("accession"), EVERY_MEMBER),
    "decision-adoptions": RegionRow(
        of("decision"),
        {**dict.fromkeys(MEMBERS, "officer"), **dict.fromkeys(("coordinator", "mayor", "guide"), "reader")},
    ),
    "decision-life": RegionRow(
        of("decision"), {**dict.fromkeys(MEMBERS, "member"), **dict.fromkeys(PLANNERS, "chair")}
    ),
    "decision-voices": RegionRow(of("decision"), EVERY_MEMBER),
    "decision-work": RegionRow(
        of("decision"), {**dict.fromkeys(MEMBERS, "worker"), **dict.fromkeys(PLANNERS, "chair"), "mayor": "reader"}
    ),
    "preparation": RegionRow(of("planned"), dict.fromkeys(WRITERS, "chair")),
    "decision-log": RegionRow(of("network"), EVERY_MEMBER),
    "overview-decisions": RegionRow(of("network"), EVERY_MEMBER),
    "overview-town": RegionRow(of("network"), EVERY_MEMBER),
    "overview-due": RegionRow(of("network"), EVERY_MEMBER),
    "overview-dates": RegionRow(of("network"), EVERY_MEMBER),
    "overview-parts": RegionRow(of("network"), EVERY_MEMBER),
    # Achern's, for everybody to look at.
    "overview-actions": RegionRow(of("accession"), EVERY_MEMBER),
    "feed": RegionRow(of("network"), EVERY_MEMBER),
    "group-next": RegionRow(
        of("group"),
        # Who presides over one meeting is a member of the group like any other officer.
        {**{who: STANDING[who] for who in MEMBERS}, "presiding": "member"},
    ),
    "ideas": RegionRow(of("group"), {**{who: STANDING[who] for who in MEMBERS}, "presiding": "member"}),
    "guest-meetings": RegionRow(of("guest"), {"guest": "me"}),
    "invitations": RegionRow(of("network"), OFFICE),
    "item": RegionRow(of("proposal"), STANDING),
    "meeting-active": RegionRow(of("running"), STANDING),
    "meeting-agenda": RegionRow(of("planned"), STANDING),
    "meeting-head": RegionRow(of("planned"), {**STANDING, "guest_at_item": "item_guest"}),
    "meeting-list": RegionRow(
        # Kehl's officer plans the meetings of the working group.
        of("network"),
        {**dict.fromkeys(MEMBERS, "reader"), **dict.fromkeys([*PLANNERS, "kehl"], "planner")},
    ),
    "meeting-log": RegionRow(of("running"), STANDING),
    "meeting-people": RegionRow(of("running"), STANDING),
    "meeting-review": RegionRow(of("running"), STANDING),
    "meeting-summary": RegionRow(of("running"), STANDING),
    "decision-publication": RegionRow(of("decision"), PUBLISHING),
    "item-publication": RegionRow(of("proposal"), {**PUBLISHING, "presiding": "chair"}),
    # Of a draft.
    "minutes-publication": RegionRow(
        of("running"), {**dict.fromkeys(BODY, "member"), **OFFICE, "chair": "chair", "presiding": "chair"}
    ),
    "public-site": RegionRow(of("network"), OFFICE),
    "meeting-approval": RegionRow(of("running"), STANDING),
    # Nothing is finalised: who only reads along sees nothing of it.
    "minutes": RegionRow(of("running"), {who: STANDING[who] for who in (*CHAIRS, "minutes", "kehl", "achern")}),
    "minutes-list": RegionRow(of("network"), EVERY_MEMBER),
    "meeting-vote": RegionRow(of("running"), {who: role for who, role in STANDING.items() if who != "guest"}),
    "vote": RegionRow(
        lambda things: voting(things)[0], {who: role for who, role in STANDING.items() if who != "guest"}
    ),
    # Who has voted, the same for all; it stands on the wall, too.
    "vote-progress": RegionRow(lambda things: voting(things)[0], dict.fromkeys(STANDING, "all")),
    "meeting-wording": RegionRow(of("running"), STANDING),
    "meeting-round": RegionRow(of("running"), STANDING),
    "meeting-speakers": RegionRow(of("running"), STANDING),
    # One word for all at the table: it is rendered once; and once for who reads along.
    "meeting-wall": RegionRow(
        of("running"), {**dict.fromkeys(STANDING, "wall"), **dict.fromkeys(("mayor", "guide", "guest"), "wall_outside")}
    ),
    "members": RegionRow(of("network"), {**EVERY_MEMBER, **OFFICE}),
    "my-actions": RegionRow(of("guest"), {"guest": "me"}),
    "series": RegionRow(
        of("series"),
        {
            **dict.fromkeys(MEMBERS, "reader"),
            **dict.fromkeys(BODY, "member"),
            **dict.fromkeys(PLANNERS, "chair"),
        },
    ),
    # Achern's.
    "town-actions": RegionRow(of("accession"), {**OFFICE, "achern": "town"}),
}

# What no browser of ours would ask for.
HOSTILE = (
    "",
    "~",
    "-",
    "members",
    "members-",
    "../",
    "../../etc/passwd",
    "members-1~<script>alert(1)</script>",
    "members-99999999999999999999",
    "members-999999999999999",
    "members--1",
    "members-1.0",
    "members-٣",
    "members-1\0",
    "members-1;drop table",
    "item-1' or '1'='1",
    "x" * 5000,
    "members-1~" + "x" * 5000,
    "action-log-1~state=%00&town=%00&page=99999999999999999999",
    "action-board-1~state=done&page=2&group=%00",
    "question-list-1~state=%00&block=%00&project=" + "9" * 30,
    "decision-log-1~year=0&q=%00%FF",
    "board-1~view=matrix&block=%00",
    "board-of-1~town=08317057&who=does&page=00",
    "meeting-list-1~year=0000",
    "{{7*7}}-1",
    "__class__-1",
)

"""Every page there is, by who may open it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from playwright.sync_api import Page

from .steps import (
    ACHERN,
    COORDINATOR,
    GUEST,
    GUIDE,
    KEHL,
    MAYOR,
    NETWORK,
    OTHER_COORDINATOR,
    OTHER_NETWORK,
    add_item,
    plan_meeting,
    send,
)

# Pages that anybody may open, and the answers to what is not there or not allowed.
PUBLIC = (
    "/accounts/login/",
    "/accounts/login/code/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/inactive/",
    "/accounts/signup/",
    "/accessibility/",
    "/privacy/",
    "/imprint/",
    "/invitation/unknown/",
    "/does/not/exist/",
)
# What the network shows citizens; the demo has opened it and published a decision.
CITIZENS = ("/public/", *(f"/public/ortenau/{part}" for part in ("", "decisions/", "projects/", "minutes/", "dates/")))
# Pages of an account, whatever its role.
OWN = ("/networks/", "/accounts/password/change/", "/accounts/password/set/", "/accounts/logout/")


@dataclass
class Site:
    """The addresses of a site that has something of everything."""

    planned: str  # a meeting of the series, with a guest
    open: str
    closed: str
    cancelled: str
    series: str
    proposal: str  # an agenda item
    active: str  # the active item of the open meeting
    treated: str  # an item with notes
    decision: str
    action: str
    member: str  # of the network
    invitation: str  # an open one, in the network
    link: str  # the invitation's own page
    project: str  # one that Kehl leads
    question: str  # of Kehl
    vote: str  # an open one by circulation
    ended: str  # an ended one by circulation
    public_decision: str
    public_minutes: str
    group: str  # that Kehl founded
    reuse: str  # of Kehl, of a project that Achern leads

    def pages(self, email: str | None) -> list[str]:
        """The addresses this person (None: nobody) may open."""
        if email is None:
            return [*PUBLIC, self.link, *CITIZENS, self.public_decision, self.public_minutes]
        if email == OTHER_COORDINATOR:
            return [f"{OTHER_NETWORK}/{part}" for part in ("", "meetings/", "decisions/", "action-items/", "members/")]
        if email == GUEST:
            return [f"{NETWORK}/", f"{NETWORK}/meetings/", self.planned]
        read = [*self._everybodys(), *OWN]
        if email in (MAYOR, GUIDE):
            return [*read, f"{NETWORK}/members/invite/"]  # the last is forbidden: that is a page, too
        read += [f"{self.planned}items/add/", f"{NETWORK}/action-items/add/", f"{NETWORK}/projects/add/"]
        if email == KEHL:
            return [*read, *self._minute_takers(), *self._leads()]
        return [*read, *self._minute_takers(), *self._coordinators()] if email == COORDINATOR else read

    def _everybodys(self) -> list[str]:
        lists = (
            "",
            "projects/",
            "projects/?view=table",
            "projects/?town=08317057&who=could",
            "services/",
            "services/?town=08317057",
            "services/10124/",
            "questions/",
            "groups/",
            "search/?q=Akte",
            "action-items/board/",
            "meetings/",
            f"meetings/?year={date.today().year}",
            "decisions/",
            "decisions/?town=08317057",
            "overview/",
            "overview/?town=08317001",
            "votes/",
            "minutes/",
            "action-items/",
            "action-items/?state=all",
            "changes/",
            "members/",
        )
        meetings = (self.planned, self.open, self.closed, self.cancelled, self.series)
        return [
            *(f"{NETWORK}/{part}" for part in lists),
            *meetings,
            f"{self.planned}wall/",
            f"{self.open}wall/",
            f"{self.closed}wall/",
            self.proposal,
            self.active,
            self.treated,
            self.decision,
            self.vote,
            self.ended,
            f"{self.closed}minutes/",
            f"{self.closed}minutes/1/",
            self.action,
            self.project,
            self.question,
            self.group,
            self.reuse,
            f"{NETWORK}/services/find/?q=wohn",
        ]

    def _minute_takers(self) -> list[str]:
        item = [f"{self.active}{part}/" for part in ("decision", "action", "notes", "files/add")]
        item.append(f"{self.planned}preparation/")
        return [*item, *(f"{self.action}{part}/" for part in ("edit", "state", "due", "follow-up"))]

    def _leads(self) -> list[str]:
        parts = ("basics", "services", "product", "cost", "legal", "reuse", "contact", "links")
        edit = [f"{self.project}edit/{part}/" for part in parts]
        own = ("phase", "files/add", "take-on", "leave", "hand-over", "join", "experience")
        group = [f"{self.group}{part}/" for part in ("edit", "close", "invite")]
        asked = [f"{NETWORK}/{part}/add/" for part in ("questions", "groups")]
        asked.append(f"{NETWORK}/deputy/")
        return [*edit, *(f"{self.project}{part}/" for part in own), *group, *asked, f"{self.action}hand-over/"]

    def _coordinators(self) -> list[str]:
        return [
            f"{NETWORK}/projects/blocks/add/",
            f"{NETWORK}/import/",
            f"{NETWORK}/import/add/",
            f"{NETWORK}/public-pages/",
            f"{self.active}vote/",
            f"{self.project}propose/",
            *(f"{self.planned}{part}/" for part in ("edit", "move", "cancel", "guests", "people")),
            f"{self.open}close/",
            f"{self.proposal}edit/",
            f"{self.proposal}decline/",
            f"{NETWORK}/series/add/",
            *(f"{self.series}{part}/" for part in ("edit", "change", "end")),
            *(f"{NETWORK}/{part}/" for part in ("meetings/add", "members/invite", "accessions/add", "mail")),
            f"{self.member}role/",
            f"{self.member}end/",
            *(f"{self.invitation}{part}/" for part in ("resend", "revoke", "link")),
        ]


EVERYBODY = (None, COORDINATOR, KEHL, ACHERN, MAYOR, GUIDE, GUEST, OTHER_COORDINATOR)


def first(page: Page, path: str, pattern: str, text: str = "") -> str:
    """The address of the first link on a page that fits; its text begins with `text`."""
    link = rf'href="(?:https?://[^/"]+)?({pattern})"[^>]*>\s*{text}'
    found = re.search(link, page.context.request.get(path).text())
    assert found, f"{path} links to no {pattern} {text}"
    return found[1]


def made(page: Page, path: str, **fields: str) -> str:
    """The address of what a form makes."""
    return send(page, path, **fields)["hx-trigger"].partition('"redirect": "')[2].partition('"')[0]


def reuse_of(kehl: Page) -> str:
    """The address of Kehl's checklist of a project that Achern leads."""
    file = first(kehl, f"{NETWORK}/projects/", rf"{NETWORK}/projects/\d+/", "(?:<bdi>)?E-Akte")
    send(kehl, f"{file}take-on/", role="reuser")
    return made(kehl, f"{file}checklist/")


def publish_minutes(coordinator: Page, meeting: str) -> str:
    """Publishes the minutes of a closed meeting, without names; returns their public address."""
    path = f"{meeting}minutes/publish/"
    seal = re.search(r'name="seal" value="(\w+)"', coordinator.context.request.get(path).text())
    assert seal, path
    send(coordinator, path, seal=seal[1])
    return first(coordinator, "/public/ortenau/minutes/", r"/public/ortenau/minutes/\d+/")


def make_site(coordinator: Page, kehl: Page) -> Site:
    """Adds to the demo what it lacks: meetings that are open and cancelled, somebody invited."""
    planned = first(coordinator, f"{NETWORK}/", rf"{NETWORK}/meetings/\d+/", "Jour fixe")
    series = first(coordinator, planned, rf"{NETWORK}/series/\d+/")
    room = plan_meeting(coordinator, "In Sitzung", ("Erster Punkt", "Zweiter Punkt"), days=1)
    active = first(coordinator, room, rf"{NETWORK}/items/\d+/")
    send(coordinator, f"{room}open/")
    send(coordinator, f"{active}notes/", notes="Ein Wort dazu", version=1)
    send(coordinator, f"{active}decision/", wording="Wir machen das.", mode="counted", yes=7, no=1, abstain=0)
    send(coordinator, f"{active}action/", title="Sofort erledigen", who="Kehl", due="none")
    overdue = {"title": "Längst überfällig", "municipality": "08317057", "due_on": "2026-01-15"}
    send(kehl, f"{NETWORK}/action-items/add/", **overdue)
    add_item(kehl, planned, "Ein Vorschlag aus Kehl")
    proposal = first(coordinator, planned, rf"{NETWORK}/items/\d+/", "Ein Vorschlag aus Kehl")
    cancelled = plan_meeting(coordinator, "Fällt aus", days=2)
    version = re.search(r'name="version" value="(\d+)"', coordinator.context.request.get(f"{cancelled}cancel/").text())
    assert version
    send(coordinator, f"{cancelled}cancel/", reason="Zu wenige Anmeldungen", version=version[1])
    invited = {
        "email": "neu@durbach.example",
        "name": "Digitallots:in Durbach",
        "role": "guide",
        "municipality": "08317021",
    }
    send(coordinator, f"{NETWORK}/members/invite/", **invited)
    project = first(kehl, f"{NETWORK}/projects/", rf"{NETWORK}/projects/\d+/", "(?:<bdi>)?Online-Terminvergabe")
    decision = first(coordinator, f"{NETWORK}/decisions/?", rf"{NETWORK}/decisions/\d+-001/")
    members = f"{NETWORK}/members/"
    closed = first(coordinator, decision, rf"{NETWORK}/meetings/\d+/")
    votes = coordinator.context.request.get(f"{NETWORK}/votes/").text()
    circulars = re.findall(rf'id="circular-row-\d+-link" href="({NETWORK}/votes/\d+/)"', votes)
    return Site(
        planned=planned,
        open=room,
        closed=closed,
        cancelled=cancelled,
        series=series,
        proposal=proposal,
        active=active,
        treated=first(coordinator, decision, rf"{NETWORK}/items/\d+/"),
        decision=decision,
        action=first(coordinator, f"{NETWORK}/action-items/", rf"{NETWORK}/action-items/\d+/"),
        member=first(coordinator, members, rf"{NETWORK}/members/\d+/role/").removesuffix("role/"),
        invitation=first(coordinator, members, rf"{NETWORK}/invitations/\d+/link/").removesuffix("link/"),
        link=first(coordinator, f"{NETWORK}/mail/", r"/invitation/[^/]+/"),
        project=project,
        vote=circulars[0],  # the open ones are above
        ended=circulars[-1],
        public_decision=first(coordinator, "/public/ortenau/decisions/", r"/public/ortenau/decisions/[\w-]+/"),
        public_minutes=publish_minutes(coordinator, closed),
        question=made(kehl, f"{NETWORK}/questions/add/", title="Wer hilft beim Anbinden?", block="administration"),
        group=made(kehl, f"{NETWORK}/groups/add/", name="AG Terminvergabe", kind="working_group"),
        reuse=reuse_of(kehl),
    )

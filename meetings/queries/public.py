"""Reads of the public pages: what everybody may see of a network. A fixed number of queries, however much it is.

What was published is shown as the coordinator released it; the state of a decision is shown as it is now.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.http import Http404
from django.utils import timezone

from collab.network.models import Municipality, Network
from collab.network.queries import active_towns
from meetings.models import AgendaItem, Decision, Meeting, Publication, PublicSite
from workgroups.models import Involvement, Project
from workgroups.queries.involvement import parts_today
from workgroups.queries.project import blocks_of

from .decisions import REFERENCE
from .public_content import Content, of_decision

PAGE_SIZE = 25
MOST_DATES = 24
LATEST = 5
SHOWN_PARTS = (Involvement.Role.LEAD, Involvement.Role.REUSER)
YEAR = re.compile("[12][0-9]{3}")


def get_public_site(slug: str) -> PublicSite:
    """Return what the network shows everybody; raises Http404 where its pages are not open. One query."""
    site = PublicSite.objects.filter(network__slug=slug, is_open=True).select_related("network").first()
    if site is None:
        raise Http404
    return site


def open_sites() -> list[PublicSite]:
    """Return the networks whose public pages are open, by name; one query."""
    return list(PublicSite.objects.filter(is_open=True).select_related("network").order_by("network__name", "pk"))


def public_site_of(network: Network) -> PublicSite:
    """Return what the public pages show; not saved where nobody has said anything yet."""
    return PublicSite.objects.filter(network=network).first() or PublicSite(network=network)


def public_now(network_id: int) -> QuerySet[Publication]:
    """Return what is public of the network now, of whatever kind."""
    return Publication.objects.filter(network=network_id, withdrawn_at=None)


# -- decisions --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PublicDecision:
    """A decision as it was published, and where it is in its life now; `by` is what superseded it, where that is
    public, too.
    """

    content: Content
    decision: Decision
    topic: str
    by: str
    released: date

    @property
    def is_rejected(self) -> bool:
        return self.decision.state == Decision.State.REJECTED


@dataclass(frozen=True)
class DecisionChoice:
    """Which of the public decisions are asked for."""

    year: int | None = None
    topic: str = ""
    page: int = 1

    @classmethod
    def parse(cls, values: Any) -> DecisionChoice:
        """Return the choice of `request.GET`; never raises."""
        year, page = values.get("year", ""), values.get("page", "")
        return cls(
            year=int(year) if YEAR.fullmatch(year) else None,
            topic=values.get("topic", "")[:40].replace("\0", ""),
            page=int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 1,
        )


def public_decisions(network_id: int, wanted: DecisionChoice) -> Page[Any]:
    """Return one page of the public decisions, the newest first; three queries."""
    found = _decisions(network_id)
    if wanted.year:
        found = found.filter(decision__year=wanted.year)
    if wanted.topic:
        found = found.filter(decision__topic=wanted.topic)
    page: Page[Any] = Paginator(found, PAGE_SIZE).get_page(wanted.page)
    page.object_list = _with_words(network_id, list(page.object_list))
    return page


def latest_decisions(network_id: int) -> list[PublicDecision]:
    """Return the newest public decisions; two queries."""
    return _with_words(network_id, list(_decisions(network_id)[:LATEST]))


def get_public_decision(network_id: int, reference: str) -> PublicDecision:
    """Return the public decision of that number; raises Http404 where there is none (any more). Two queries."""
    match = REFERENCE.fullmatch(reference)
    found = _decisions(network_id).filter(decision__year=int(match[1]), decision__number=int(match[2])) if match else ()
    one = next(iter(found), None)
    if one is None or one.decision is None or one.decision.reference != reference:
        raise Http404
    return _with_words(network_id, [one])[0]


def years_of_decisions(network_id: int) -> list[int]:
    """Return the years of which there are public decisions, the latest first."""
    years = public_now(network_id).filter(decision__isnull=False).order_by("-decision__year")
    return list(years.values_list("decision__year", flat=True).distinct())


def topics_of_decisions(network_id: int) -> list[tuple[str, str]]:
    """Return code and label of the topic blocks of which there are public decisions; two queries."""
    rows = public_now(network_id).filter(decision__isnull=False).order_by()
    codes = set(rows.values_list("decision__topic", flat=True).distinct())
    return [(code, str(label)) for code, label in blocks_of(network_id).items() if code in codes]


def _decisions(network_id: int) -> QuerySet[Publication]:
    is_public = Publication.objects.filter(decision=OuterRef("decision__superseded_by"), withdrawn_at=None)
    found = public_now(network_id).filter(decision__isnull=False).select_related("decision__superseded_by")
    return found.annotate(successor_is_public=Exists(is_public)).order_by("-decision__year", "-decision__number")


def _with_words(network_id: int, found: list[Publication]) -> list[PublicDecision]:
    blocks = blocks_of(network_id)
    return [_shown(one, one.decision, blocks) for one in found if one.decision]


def _shown(publication: Publication, decision: Decision, blocks: dict[str, Any]) -> PublicDecision:
    content = json.loads(publication.content)
    successor = decision.superseded_by if publication.successor_is_public else None  # type: ignore[attr-defined]
    return PublicDecision(
        content=content,
        decision=decision,
        topic=str(blocks.get(content["topic"], "")),
        by=successor.reference if successor else "",
        released=timezone.localdate(publication.published_at),
    )


def preview_of_decision(decision: Decision) -> PublicDecision:
    """Return the decision as everybody would see it if it was published now."""
    content, blocks = of_decision(decision), blocks_of(decision.network_id)
    successor = decision.superseded_by
    is_shown = successor is not None and successor.publications.filter(withdrawn_at=None).exists()
    return PublicDecision(
        content=content,
        decision=decision,
        topic=str(blocks.get(content["topic"], "")),
        by=successor.reference if successor and is_shown else "",
        released=timezone.localdate(),
    )


# -- minutes ----------------------------------------------------------------------------------------------------------


def public_minutes(network_id: int) -> list[Publication]:
    """Return the public minutes with their meetings, the latest first; one query. Their content is not read."""
    found = public_now(network_id).filter(minutes__isnull=False).defer("content", "minutes__content")
    found = found.select_related("minutes__minutes__meeting__group")
    return list(found.order_by("-minutes__minutes__meeting__date", "-pk"))


def get_public_minutes(network_id: int, meeting: int) -> tuple[Publication, Content]:
    """Return the public minutes of a meeting and what they say; raises Http404 where there are none (any more)."""
    found = public_now(network_id).filter(minutes__minutes__meeting=min(meeting, 2**62))
    publication = found.select_related("minutes").defer("minutes__content").order_by("-minutes__number").first()
    if publication is None:
        raise Http404
    return publication, json.loads(publication.content)


# -- projects, members, dates -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PublicProject:
    project: Project
    block: str
    lead: list[Municipality]
    reusers: list[Municipality]


def public_projects(network_id: int) -> list[PublicProject]:
    """Return the projects that go on by title, with lead and reusers; none of internal groups. Three queries."""
    open_ones = Q(group=None) | Q(group__is_internal=False)
    parts = parts_today().filter(role__in=SHOWN_PARTS).order_by("municipality__sort_key")
    projects = Project.objects.filter(open_ones, network=network_id, joined_to=None).order_by("title", "pk")
    blocks = blocks_of(network_id)
    return [
        PublicProject(
            project=project,
            block=str(blocks.get(project.block, "")),
            lead=[part.municipality for part in project.public_parts if part.role == Involvement.Role.LEAD],
            reusers=[part.municipality for part in project.public_parts if part.role == Involvement.Role.REUSER],
        )
        for project in projects.prefetch_related(Prefetch("involvements", parts, to_attr="public_parts"))
    ]


def public_members(network_id: int, today: date) -> list[Municipality]:
    """Return the municipalities of the network today, by name; one query."""
    return list(active_towns(network_id, today).order_by("sort_key", "pk"))


@dataclass(frozen=True)
class PublicDate:
    meeting: Meeting
    items: list[Content]


def public_dates(network_id: int, today: date) -> list[PublicDate]:
    """Return the next public dates with what is public of their agendas; three queries."""
    meetings = Meeting.objects.filter(network=network_id, is_public=True, group__is_internal=False, date__gte=today)
    meetings = meetings.filter(state__in=(Meeting.State.PLANNED, Meeting.State.OPEN)).select_related("group", "host")
    shown = Publication.objects.filter(withdrawn_at=None)
    items = AgendaItem.objects.filter(Exists(shown.filter(item=OuterRef("pk"))), state__in=AgendaItem.ON_AGENDA)
    items = items.order_by("position", "pk").prefetch_related(Prefetch("publications", shown, to_attr="public_now"))
    meetings = meetings.order_by("date", "start_time", "pk").prefetch_related(Prefetch("items", items, to_attr="shown"))
    return [
        PublicDate(meeting, [json.loads(item.public_now[0].content) for item in meeting.shown if item.public_now])
        for meeting in meetings[:MOST_DATES]
    ]

"""Which parts of which pages a change of projects touches."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q
from django.utils import timezone

from collab.live.regions import region_id
from collab.network.models import Accession
from collab.network.queries import active_on
from workgroups.models import Involvement, Offer, Project, Reuse


def of_project(project: Project, *parts: str) -> list[str]:
    """Return the regions of the project's page with these names, such as "profile"; always its head and history."""
    return [region_id(f"project-{part}", project.pk) for part in ("head", "history", *parts)]


def of_board(project: Project, *, listed: bool = False) -> list[str]:
    """Return what shows the project on the board. `listed` says that where or whether it is listed has changed, too.

    Where it serves OZG services, who takes part also says who has these online.
    """
    rows = [region_id("board-row", project.pk), region_id("board-line", project.pk)]
    lists = [region_id(name, project.network_id) for name in ("board-of", "board-news", "balance")]
    lists += [region_id("board", project.network_id)] if listed else []
    served = of_coverage(project.network_id) if project.services.exists() else []
    carried_out = _in_tracking(project)
    return [*rows, *lists, *_on_agendas(project), *of_group_work(project.group_id), *served, *carried_out]


def _in_tracking(project: Project) -> list[str]:
    """Return where the project is shown as what carries decisions out; one query."""
    decisions = project.carries_out.filter(removed_at=None).values_list("decision", flat=True)
    return [region_id("decision-work", pk) for pk in decisions]


def _on_agendas(project: Project) -> list[str]:
    """Return where meetings that are still to end show the project with an agenda item; one query."""
    items = project.agenda_items.filter(meeting__state__in=("planned", "open"))
    rows = items.values_list("pk", "meeting", "meeting__active_item")
    return [
        *(region_id("item", item) for item, _meeting, _active in rows),
        *(region_id("meeting-active", meeting) for item, meeting, active in rows if item == active),
        # What was taken on there stands in its results until it is taken back.
        *(region_id("meeting-log", meeting) for meeting in dict.fromkeys(meeting for _item, meeting, _active in rows)),
    ]


def of_town_in(project: Project, *towns: str) -> list[str]:
    """Return what else a part of these towns decides: the questions put to them, and the checklists of their reuse."""
    here = Accession.objects.filter(active_on(timezone.localdate()), network=project.network_id)
    asked = here.filter(municipality__in=towns).values_list("pk", flat=True)
    reuses = Reuse.objects.filter(involvement__project=project, involvement__municipality__in=towns)
    checklists = (region_id("reuse", pk) for pk in reuses.values_list("pk", flat=True))
    return [*(region_id("questions-to", pk) for pk in asked), *checklists]


def of_similar(projects: Iterable[int]) -> list[str]:
    """Return where these projects say which others are like them."""
    return [region_id("project-towns", pk) for pk in sorted(projects)]


def of_member_town(network_id: int, ags: str) -> list[str]:
    """Return what shows that a town is a member of the network: a column of the board, its parts in projects."""
    lists = [region_id(name, network_id) for name in ("board", "board-of", "board-news", "balance")]
    parts = Involvement.objects.filter(project__network=network_id, municipality=ags, until=None)
    shown = [region for part in parts.select_related("project") for region in _of_part(part.project)]
    return [*lists, *of_coverage(network_id), *shown]


def _of_part(project: Project) -> list[str]:
    names = ("project-head", "project-profile", "project-towns", "project-reuse")
    return [*(region_id(name, project.pk) for name in names), *of_group_work(project.group_id)]


def of_coverage(network_id: int) -> list[str]:
    """Return what shows which OZG services are online where: the network's table, one service, each town's gaps."""
    towns = Accession.objects.filter(active_on(timezone.localdate()), network=network_id).values_list("pk", flat=True)
    shared = [region_id("coverage", network_id), region_id("service", network_id)]
    return [*shared, *(region_id("coverage-town", pk) for pk in towns)]


def of_group_work(*group_ids: int | None) -> list[str]:
    """Return where these groups show what they work on; None is no group."""
    return [region_id("group-work", pk) for pk in sorted({pk for pk in group_ids if pk})]


def of_title(project: Project) -> list[str]:
    """Return what only names the project: its action items, questions and offers, and the lists of these."""
    lists = [region_id(name, project.network_id) for name in ("action-log", "question-list")]
    actions = project.action_items.values_list("pk", flat=True)
    questions = project.questions.values_list("pk", flat=True)
    pages = [*(region_id("action-item", pk) for pk in actions), *(region_id("question", pk) for pk in questions)]
    return [*lists, *pages, *_lists_of_actions(project), *_lists_of_offers(project)]


def _lists_of_actions(project: Project) -> list[str]:
    """Return the lists of people, towns and groups in which action items of the project stand; two queries."""
    rows = list(project.action_items.values_list("person", "municipality", "group"))
    here = Accession.objects.filter(active_on(timezone.localdate()), network=project.network_id)
    towns = here.filter(municipality__in={town for _person, town, _group in rows}).values_list("pk", flat=True)
    people = sorted({person for person, _town, _group in rows if person})
    return [
        *(region_id("my-actions", pk) for pk in people),
        *(region_id("town-actions", pk) for pk in towns),
        *of_group_work(*(group for _person, _town, group in rows)),
    ]


def _lists_of_offers(project: Project) -> list[str]:
    """Return where towns see that they are asked about the project, and the other project of a question to join."""
    about = Q(project=project) | Q(into=project)
    rows = list(Offer.objects.filter(about, state=Offer.State.OPEN).values_list("municipality", "project", "into"))
    here = Accession.objects.filter(active_on(timezone.localdate()), network=project.network_id)
    towns = here.filter(municipality__in={town for town, _project, _into in rows}).values_list("pk", flat=True)
    pages = {pk for _town, *both in rows for pk in both if pk}
    return [*(region_id("asked", pk) for pk in towns), *of_similar(pages)]

"""Reads: action items and the log of these. Lists take the same number of queries however long they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.paginator import Page
from django.db.models import Case, Count, F, Q, QuerySet, When
from django.http import Http404, QueryDict
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from collab.live.log import history
from collab.live.models import Change
from collab.network.models import Accession, Membership, Municipality
from collab.pages import LatePaginator
from workgroups.models import ActionItem, Group, Offer, Project
from workgroups.rules import may_read_action

from .texts import ListFilter, containing, municipality_key, one_of, whole_number

PAGE_SIZE = 50
# The filter offers meetings of that long; older ones lead here from their own page.
MEETINGS_SINCE = timedelta(days=731)
TABS = ("open", "overdue", "follow_up", "done", "dropped", "all")
ACTION_WITH = (
    "municipality",
    "person__person",
    "person__municipality",
    "group",
    "project",
    "recorded__item__meeting__group",
)
# The meetings of an internal group are its own; what they agreed stands in the log without them.
OF_OPEN_GROUP = Q(recorded__item__meeting__group__is_internal=False)


@dataclass(frozen=True)
class ActionFilter(ListFilter):
    state: str = "open"
    town: str = ""
    person: int | None = None
    meeting: int | None = None
    group: int | None = None
    project: int | None = None

    @classmethod
    def parse(cls, query: str | QueryDict) -> ActionFilter:
        """Return the filter of a query string or of `request.GET`; never raises."""
        values = cls.values_of(query)
        wanted = cls(
            state=one_of(values.get("state", ""), TABS) or "open",
            town=municipality_key(values.get("town", "")),
            person=whole_number(values.get("person", "")),
            meeting=whole_number(values.get("meeting", "")),
            group=whole_number(values.get("group", "")),
            project=whole_number(values.get("project", "")),
            **cls.paged(values),
        )
        return wanted.cut()

    @property
    def is_narrowed(self) -> bool:
        return bool(self.town or self.person or self.meeting or self.group or self.project or self.q)


def in_state(state: str, today: date | None = None) -> Q:
    """Return the condition of a tab; `today` is the local date in Germany."""
    still_open = Q(state__in=ActionItem.OPEN_STATES)
    today = today or timezone.localdate()
    return {
        "open": still_open,
        "overdue": still_open & Q(due_on__lt=today),
        "follow_up": still_open & Q(follow_up_on__lte=today),
        "done": Q(state=ActionItem.State.DONE),
        "dropped": Q(state=ActionItem.State.DROPPED),
        "all": Q(),
    }[state]


def actions_with_people() -> QuerySet[ActionItem]:
    return ActionItem.objects.select_related(*ACTION_WITH)


def get_action_item_for(membership: Membership, pk: int) -> ActionItem:
    """Return the action item; raises Http404 where it does not exist or this member may not see it."""
    action = actions_with_people().select_related("network", "created_by__person").filter(pk=pk).first()
    if action is None or not may_read_action(membership, action):
        raise Http404
    return action


@dataclass(frozen=True)
class ActionLog:
    """One page of the log, and how many entries each tab has under the same filters."""

    page: Page[ActionItem]
    counts: dict[str, int]
    filter: ActionFilter


def visible_actions(membership: Membership) -> QuerySet[ActionItem]:
    """Return the network's action items that this member may see."""
    actions = actions_with_people().filter(network=membership.network_id)
    return actions.filter(person=membership) if membership.is_guest else actions


def narrowed(actions: QuerySet[ActionItem], wanted: ActionFilter) -> QuerySet[ActionItem]:
    """Return those of a town, person, meeting, group, project and text; in whatever state."""
    if wanted.town:
        actions = actions.filter(municipality=wanted.town)
    if wanted.person:
        actions = actions.filter(person=wanted.person)
    if wanted.meeting:
        actions = actions.filter(OF_OPEN_GROUP, recorded__item__meeting=wanted.meeting)
    if wanted.group:
        actions = actions.filter(group=wanted.group)
    if wanted.project:
        actions = actions.filter(project=wanted.project)
    fields = ("title", "note", "state_note", "municipality__short_name", "person__person__name")
    return actions.filter(containing(wanted.q, *fields)) if wanted.q else actions


def ordered(actions: QuerySet[ActionItem], state: str) -> QuerySet[ActionItem]:
    """Return open ones by due date, finished ones by when they were finished, the newest first."""
    if state in ("done", "dropped"):
        return actions.order_by(F("finished_at").desc(nulls_last=True), "-pk")
    if state == "follow_up":
        return actions.order_by("follow_up_on", F("due_on").asc(nulls_last=True), "pk")
    return actions.order_by(F("due_on").asc(nulls_last=True), "pk")


def action_items_of(network_id: int, wanted: ActionFilter) -> ActionLog:
    """Return one page of the network's action items and the counts of its tabs; four queries."""
    everything = narrowed(actions_with_people().filter(network=network_id), wanted)
    counts = everything.aggregate(**{state: Count("pk", filter=in_state(state)) for state in TABS if state != "all"})
    counts["all"] = counts["open"] + counts["done"] + counts["dropped"]
    actions = filtered_actions(network_id, wanted)
    return ActionLog(LatePaginator(actions, PAGE_SIZE).get_page(wanted.page), counts, wanted)


def filtered_actions(network_id: int, wanted: ActionFilter) -> QuerySet[ActionItem]:
    """Return all of the network's action items that the filter asks for, in the order of the log."""
    everything = narrowed(actions_with_people().filter(network=network_id), wanted)
    return ordered(everything.filter(in_state(wanted.state)), wanted.state)


def birth_of(action: ActionItem) -> Any:
    """Return the agenda item it was recorded on; None where there is none, and where only a group may know of it."""
    recorded = getattr(action, "recorded", None)
    if recorded is None or recorded.item.visibility == "group":
        return None
    return None if recorded.item.meeting.group.is_internal else recorded.item


def open_actions_of_town(accession: Accession) -> QuerySet[ActionItem]:
    actions = actions_with_people().filter(network=accession.network_id, municipality=accession.municipality_id)
    return most_urgent_first(actions.filter(in_state("open")))


def open_actions_of_person(membership_id: int) -> QuerySet[ActionItem]:
    return most_urgent_first(actions_with_people().filter(person=membership_id).filter(in_state("open")))


def open_actions_of_group(group_id: int) -> QuerySet[ActionItem]:
    return most_urgent_first(actions_with_people().filter(group=group_id).filter(in_state("open")))


def open_actions_of_project(project_id: int) -> QuerySet[ActionItem]:
    return most_urgent_first(actions_with_people().filter(project=project_id).filter(in_state("open")))


def most_urgent_first(actions: QuerySet[ActionItem]) -> QuerySet[ActionItem]:
    """Return them with the overdue ones first, then those that come up again today, then by due date."""
    today = timezone.localdate()
    urgency = Case(When(due_on__lt=today, then=0), When(follow_up_on__lte=today, then=1), default=2)
    return actions.order_by(urgency, F("due_on").asc(nulls_last=True), "pk")


def history_of(action: ActionItem) -> list[Change]:
    """Return what happened to the action item, newest first."""
    return list(history(action).select_related("actor"))


def town_choices(network_id: int) -> list[tuple[str, str]]:
    """Return the towns that are or were responsible for something here, for the filter."""
    towns = Municipality.objects.filter(pk__in=_column(network_id, "municipality")).order_by("sort_key")
    return list(towns.values_list("pk", "short_name"))


def person_choices(network_id: int) -> list[tuple[int, str]]:
    people = Membership.objects.filter(pk__in=_column(network_id, "person")).select_related("person", "municipality")
    return [(member.pk, str(member)) for member in people.order_by("person__name", "pk")]


def meeting_choices(network_id: int, chosen: int | None = None) -> list[tuple[int, str]]:
    """Return the meetings of two years in which action items were recorded, the newest first, and the chosen one;
    without those of internal groups.
    """
    meeting = "recorded__item__meeting"
    rows = ActionItem.objects.filter(OF_OPEN_GROUP, network=network_id).order_by(f"-{meeting}__date", f"-{meeting}")
    named = rows.values_list(meeting, f"{meeting}__title", f"{meeting}__date").distinct()
    found = list(named.filter(created_at__gte=timezone.now() - MEETINGS_SINCE))
    if chosen and all(chosen != pk for pk, _title, _day in found):
        found += named.filter(recorded__item__meeting=chosen)
    return [
        (pk, _("%(title)s on %(date)s") % {"title": title, "date": date_format(day, "SHORT_DATE_FORMAT")})
        for pk, title, day in found
    ]


def group_choices(network_id: int) -> list[tuple[int, str]]:
    """Return the groups that have action items, for the filter."""
    groups = Group.objects.filter(pk__in=_column(network_id, "group")).order_by("name")
    return list(groups.values_list("pk", "name"))


def project_choices(network_id: int) -> list[tuple[int, str]]:
    """Return the projects that have action items, for the filter."""
    projects = Project.objects.filter(pk__in=_column(network_id, "project")).order_by("title", "pk")
    return list(projects.values_list("pk", "title"))


def offers_of(action: ActionItem) -> list[Offer]:
    """Return which towns were asked to take it over, the newest first."""
    offers = action.offers.select_related("municipality", "made_by__person", "made_by__municipality")
    return list(offers.select_related("answered_by__person", "answered_by__municipality"))


def _column(network_id: int, name: str) -> QuerySet[Any]:
    return ActionItem.objects.filter(network=network_id).order_by().values_list(name, flat=True).distinct()

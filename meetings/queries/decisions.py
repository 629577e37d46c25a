"""Reads: the decision log and one decision. Lists take the same number of queries however long they are."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from collab.network.models import Membership
from meetings.models import Decision, MeetingGuest
from workgroups.models import ActionItem, Group
from workgroups.queries.texts import ListFilter, containing, whole_number
from workgroups.rules import may_read_log

PAGE_SIZE = 25
DECISION_WITH = ("network", "group", "meeting__group", "item")
# What the corrections of decisions need, in two queries for any number of them.
REVISED_BY = ("revisions__by__person", "revisions__by__municipality")
# The meetings of an internal group are its own; what they decided stands in the log without them.
OF_OPEN_GROUP = Q(group__is_internal=False)
REFERENCE = re.compile(r"([0-9]{4})-([0-9]{3,6})")


@dataclass(frozen=True)
class DecisionFilter(ListFilter):
    year: int | None = None
    group: int | None = None
    meeting: int | None = None

    @classmethod
    def parse(cls, query: str | QueryDict) -> DecisionFilter:
        """Return the filter of a query string or of `request.GET`; never raises."""
        values = cls.values_of(query)
        year = whole_number(values.get("year", ""))
        wanted = cls(
            year=year if year and 1900 < year < 2200 else None,
            group=whole_number(values.get("group", "")),
            meeting=whole_number(values.get("meeting", "")),
            **cls.paged(values),
        )
        return wanted.cut()

    @property
    def is_narrowed(self) -> bool:
        return bool(self.asked())


def get_decision_for(membership: Membership, reference: str) -> Decision:
    """Return the decision of that number in the member's network; raises Http404 where they may not see it."""
    match = REFERENCE.fullmatch(reference)
    found = Decision.objects.none()
    if match:
        year, number = int(match[1]), int(match[2])
        found = visible_decisions(membership).filter(year=year, number=number)
    decision = found.select_related("recorded_by__person", "recorded_by__municipality").first()
    if decision is None or decision.reference != reference:
        raise Http404
    return decision


def visible_decisions(membership: Membership) -> QuerySet[Decision]:
    """Return the network's decisions that this member may see: a guest those of the meetings, and of the items, they
    were invited to.
    """
    decisions = Decision.objects.filter(network=membership.network_id).select_related(*DECISION_WITH)
    if may_read_log(membership):
        return decisions
    invited = MeetingGuest.objects.filter(membership=membership)
    meetings, items = invited.filter(item=None).values("meeting"), invited.filter(item__isnull=False).values("item")
    return decisions.filter(Q(meeting__in=meetings) | Q(item__in=items))


def may_see_decision(membership: Membership, pk: int) -> bool:
    return visible_decisions(membership).filter(pk=pk).exists()


def narrowed(decisions: QuerySet[Decision], wanted: DecisionFilter) -> QuerySet[Decision]:
    """Return those of a year, group, meeting and text, the newest first."""
    if wanted.year:
        decisions = decisions.filter(year=wanted.year)
    if wanted.group:
        decisions = decisions.filter(group=wanted.group)
    if wanted.meeting:
        decisions = decisions.filter(OF_OPEN_GROUP, meeting=wanted.meeting)
    if wanted.q:
        decisions = decisions.filter(_about(wanted.q))
    return decisions.order_by("-year", "-number")


def _about(q: str) -> Q:
    about = containing(q, "subject", "wording")
    # People also type the number that they read somewhere.
    match = REFERENCE.fullmatch(q)
    return about | Q(year=int(match[1]), number=int(match[2])) if match else about


def decisions_of(network_id: int, wanted: DecisionFilter) -> Page[Decision]:
    """Return one page of the network's decisions; two queries."""
    decisions = Decision.objects.filter(network=network_id).select_related(*DECISION_WITH)
    return Paginator(narrowed(decisions, wanted), PAGE_SIZE).get_page(wanted.page)


def actions_beside(decision: Decision) -> list[ActionItem]:
    """Return the action items that were recorded on the same item."""
    if decision.item_id is None:
        return []
    actions = ActionItem.objects.filter(recorded__item=decision.item_id)
    return list(actions.select_related("municipality", "person__person").order_by("pk"))


def decisions_beside(decision: Decision) -> list[Decision]:
    """Return the other decisions that fell on the same item."""
    if decision.item_id is None:
        return []
    return list(Decision.objects.filter(item=decision.item_id).exclude(pk=decision.pk).order_by("year", "number"))


def year_choices(network_id: int) -> list[tuple[int, str]]:
    years = Decision.objects.filter(network=network_id).order_by("-year").values_list("year", flat=True).distinct()
    return [(year, str(year)) for year in years]


def group_choices(network_id: int) -> list[tuple[int, str]]:
    decided = Decision.objects.filter(network=network_id).order_by().values("group")
    return list(Group.objects.filter(pk__in=decided).order_by("name").values_list("pk", "name"))


def meeting_choices(network_id: int) -> list[tuple[int, str]]:
    """Return the meetings that decided something, the newest first; without those of internal groups."""
    rows = Decision.objects.filter(OF_OPEN_GROUP, network=network_id, meeting__isnull=False).order_by(
        "-meeting__date", "-meeting"
    )
    found = rows.values_list("meeting", "meeting__title", "meeting__date").distinct()
    return [
        (pk, _("%(title)s on %(date)s") % {"title": title, "date": date_format(day, "SHORT_DATE_FORMAT")})
        for pk, title, day in found
    ]

"""Reads: the decision log and one decision. Lists take the same number of queries however long they are."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page
from django.db.models import Prefetch, Q, QuerySet
from django.http import Http404, QueryDict
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from collab.network.models import Membership
from collab.network.queries import active_towns
from collab.pages import LatePaginator
from meetings.models import Adoption, Attendance, CarriedOut, Decision, MeetingGuest, Visibility, Voice
from workgroups.models import ActionItem, Group, Involvement
from workgroups.queries.project import blocks_of
from workgroups.queries.texts import ListFilter, block_code, containing, municipality_key, one_of, whole_number
from workgroups.rules import may_read_log

from .adoption import waiting_for_word_of, without_word_of
from .visibility import open_to, open_to_member

PAGE_SIZE = 25
DECISION_WITH = ("network", "group", "meeting__group", "item")
# What the corrections of decisions need, in two queries for any number of them.
REVISED_BY = ("revisions__by__person", "revisions__by__municipality")
# The meetings of an internal group are its own; what they decided stands in the log without them.
OF_OPEN_GROUP = Q(group__is_internal=False)
REFERENCE = re.compile(r"([0-9]{4})-([0-9]{3,6})")
# What a town has to do with a decision; without one of these any of them but "unanswered".
PARTS = ("adopted", "planned", "overdue", "declined", "unanswered", "voted", "in_charge")


@dataclass(frozen=True)
class DecisionFilter(ListFilter):
    year: int | None = None
    topic: str = ""
    state: str = ""
    town: str = ""
    part: str = ""
    group: int | None = None
    meeting: int | None = None

    @classmethod
    def parse(cls, query: str | QueryDict) -> DecisionFilter:
        """Return the filter of a query string or of `request.GET`; never raises."""
        values = cls.values_of(query)
        year, town = whole_number(values.get("year", "")), municipality_key(values.get("town", ""))
        wanted = cls(
            year=year if year and 1900 < year < 2200 else None,
            topic=block_code(values.get("topic", "")),
            state=one_of(values.get("state", ""), Decision.State.values),
            town=town,
            part=one_of(values.get("part", ""), PARTS) if town else "",
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
    were invited to. What is for a group only is seen by its people, who sat at that table, and who was invited to
    that very item.
    """
    decisions = Decision.objects.filter(network=membership.network_id).select_related(*DECISION_WITH)
    if may_read_log(membership):
        at_table = Q(meeting__chair=membership) | Q(meeting__minute_taker=membership)
        deputy = Q(meeting__in=Attendance.objects.filter(deputy=membership).values("meeting"))
        return decisions.filter(open_to_member(membership) | at_table | deputy)
    invited = MeetingGuest.objects.filter(membership=membership)
    meetings, items = invited.filter(item=None).values("meeting"), invited.filter(item__isnull=False).values("item")
    return decisions.filter(open_to(()) & Q(meeting__in=meetings) | Q(item__in=items))


def may_see_decision(membership: Membership, pk: int) -> bool:
    return visible_decisions(membership).filter(pk=pk).exists()


def narrowed(decisions: QuerySet[Decision], wanted: DecisionFilter) -> QuerySet[Decision]:
    """Return those of a year, topic, state, town, group, meeting and text, the newest first."""
    if wanted.year:
        decisions = decisions.filter(year=wanted.year)
    if wanted.topic:
        decisions = decisions.filter(topic=wanted.topic)
    if wanted.state:
        decisions = decisions.filter(state=wanted.state)
    if wanted.town:
        decisions = decisions.filter(_of_town(wanted.town, wanted.part, bool(wanted.year)))
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


def _of_town(ags: str, part: str, of_year: bool) -> Q:
    """Return the condition that a town has to do with a decision: what it says of it, or that it voted or is in charge.

    A vote names its decision when it is over, so this tells nothing of an open one. Without an answer are, as on the
    town's own page, those it is still asked for; those of a year (`of_year`) however old they are.
    """
    # Keys of the few that a town has to do with, found once: asked of each decision, this takes half a second.
    said = Adoption.objects.filter(municipality=ags)
    planned, today = said.filter(state=Adoption.State.PLANNED), timezone.localdate()
    voices = _voices_of(ags).filter(vote__decision__isnull=False)
    led = Involvement.objects.filter(municipality=ags, role=Involvement.Role.LEAD, until=None)
    work = CarriedOut.objects.filter(removed_at=None)
    in_charge = _among(work.filter(action_item__municipality=ags)) | _among(
        work.filter(project__in=led.values("project"))
    )
    in_force = Q(state=Decision.State.IN_FORCE)
    conditions = {
        "adopted": _among(said.filter(state=Adoption.State.ADOPTED)),
        "planned": in_force & _among(planned.filter(on__gte=today)),
        "overdue": in_force & _among(planned.filter(on__lt=today)),
        "declined": _among(said.filter(state=Adoption.State.DECLINED)),
        "unanswered": without_word_of(ags) if of_year else waiting_for_word_of(ags, today),
        "voted": _among(voices, "vote__decision"),
        "in_charge": in_charge,
        "": _among(said) | _among(voices, "vote__decision") | in_charge,
    }
    return conditions[part]


def _voices_of(ags: str) -> QuerySet[Voice]:
    """Return the voices of a town that count; who said what in an internal group stays inside."""
    return Voice.objects.filter(municipality=ags, replaced_at=None, vote__group__is_internal=False)


def _among(rows: QuerySet[Any], decision: str = "decision") -> Q:
    """Return the condition that one of the rows is of the decision."""
    return Q(pk__in=rows.values(decision))


def decisions_of(network_id: int, wanted: DecisionFilter, inside: Collection[int] = ()) -> Page[Decision]:
    """Return one page of the network's decisions; of those for a group only, these groups'. Three queries, six where a
    town is asked for: what it says of each is in `of_town`, and in `vote.voices_of_town` what it voted.
    """
    decisions = _readable(network_id, inside).select_related(*DECISION_WITH, "superseded_by")
    if wanted.town:
        said = Adoption.objects.filter(municipality=wanted.town)
        voted = Prefetch("vote__voices", _voices_of(wanted.town), to_attr="voices_of_town")
        decisions = decisions.prefetch_related(Prefetch("adoptions", said, to_attr="of_town"), voted)
    return LatePaginator(narrowed(decisions, wanted), PAGE_SIZE).get_page(wanted.page)


def actions_beside(decision: Decision) -> list[ActionItem]:
    """Return the action items that were recorded on the same item."""
    if decision.item_id is None:
        return []
    actions = ActionItem.objects.filter(recorded__item=decision.item_id)
    return list(actions.select_related("municipality", "person__person").order_by("pk"))


def decisions_beside(decision: Decision) -> list[Decision]:
    """Return the other decisions that fell on the same item; those for the group only beside one that is, too."""
    if decision.item_id is None:
        return []
    inside = [decision.group_id] if decision.visibility == Visibility.GROUP else []
    others = Decision.objects.filter(open_to(inside), item=decision.item_id).exclude(pk=decision.pk)
    return list(others.order_by("year", "number"))


def year_choices(network_id: int, inside: Collection[int] = ()) -> list[tuple[int, str]]:
    years = _readable(network_id, inside).order_by("-year").values_list("year", flat=True).distinct()
    return [(year, str(year)) for year in years]


def topic_choices(network_id: int, inside: Collection[int] = ()) -> list[tuple[str, str]]:
    """Return the topic blocks of which something was decided, in the order of the blocks."""
    decided = set(_readable(network_id, inside).order_by().values_list("topic", flat=True).distinct())
    return [(code, str(label)) for code, label in blocks_of(network_id).items() if code in decided]


def group_choices(network_id: int, inside: Collection[int] = ()) -> list[tuple[int, str]]:
    decided = _readable(network_id, inside).order_by().values("group")
    return list(Group.objects.filter(pk__in=decided).order_by("name").values_list("pk", "name"))


def town_choices(network_id: int) -> list[tuple[str, str]]:
    """Return the towns that are members of the network today, by name."""
    return list(active_towns(network_id).order_by("sort_key").values_list("pk", "short_name"))


def meeting_choices(
    network_id: int, inside: Collection[int] = (), wanted: DecisionFilter | None = None
) -> list[tuple[int, str]]:
    """Return the meetings that decided something in the year that is asked for, else in this one and the last, the
    newest first, and the chosen one; without those of internal groups.
    """
    readable = _readable(network_id, inside).filter(OF_OPEN_GROUP, meeting__isnull=False)
    rows = readable.order_by("-meeting__date", "-meeting")
    named = rows.values_list("meeting", "meeting__title", "meeting__date").distinct()
    year, chosen = (wanted.year, wanted.meeting) if wanted else (None, None)
    found = list(named.filter(year=year) if year else named.filter(year__gte=timezone.localdate().year - 1))
    if chosen and all(chosen != pk for pk, _title, _day in found):
        found += named.filter(meeting=chosen)
    return [
        (pk, _("%(title)s on %(date)s") % {"title": title, "date": date_format(day, "SHORT_DATE_FORMAT")})
        for pk, title, day in found
    ]


def _readable(network_id: int, inside: Collection[int]) -> QuerySet[Decision]:
    return Decision.objects.filter(open_to(inside), network=network_id)

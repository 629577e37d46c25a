"""Whether something is for the group only or for the network: the chair says so, and may say otherwise later."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import models, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from collab.live.answers import Refused
from collab.live.log import record
from collab.live.regions import region_id
from collab.network.access import need
from collab.network.models import Accession, Membership
from collab.search import index
from meetings import rules
from meetings.models import AgendaItem, Decision, Meeting, Minutes, MinutesVersion, Publication, Visibility, Vote
from meetings.queries.entries import decision_entry
from meetings.queries.life import chain_of, to_come_up
from meetings.queries.minutes import VERSION_WITH
from meetings.queries.minutes_entries import minutes_entry
from meetings.rules.publication import may_set_visibility
from workgroups.domain.group import locked_group
from workgroups.models import Group
from workgroups.queries.group import born_members

from .agenda import index_items, locked_item, locked_meeting
from .decision_regions import regions_of
from .life import locked_lives
from .minutes import locked_minutes
from .regions import of_agenda, of_log, of_room

GROUP, NETWORK = Visibility.GROUP, Visibility.NETWORK
CHOICES = (GROUP, NETWORK)


@transaction.atomic
def set_item_visibility(*, item: AgendaItem, visibility: str, seen: str, by: Membership) -> AgendaItem:
    """Say who may read an agenda item; `seen` is what the form showed. Said twice, it is said once.

    What was decided on an item that becomes the group's own becomes so, too, and with it the items in which that is to
    come up again; the other way round each is asked for by itself. Raises Refused where one of them is public.
    """
    locked_group(item.meeting.group_id)
    locked_lives(list(item.decisions.values_list("pk", flat=True)), item.meeting_id)
    meeting, item = locked_item(item)
    need(rules.may_lead(rules.standing(by, meeting)))
    if not _changes(item, visibility, seen):
        return item
    decisions = list(item.decisions.select_related("network", "group", "meeting__group", "item"))
    reviews = _reviews_of(decisions, visibility)
    _need_not_public(item, *decisions, *reviews)
    _need_minutes_not_public(meeting)
    _set(item, visibility)
    if visibility == GROUP:
        for decision in decisions:
            _set(decision, GROUP)
            index.put(decision_entry(decision))
    _reviews_follow(reviews)
    _votes_follow(item)
    index_items([item])
    _index_minutes(meeting)
    record(
        meeting.network,
        verb=f"item_for_{visibility}",
        actor=by,
        obj=item,
        regions=[
            *of_agenda(meeting, item),
            *of_log(item),
            *of_room(meeting, "people"),
            *(name for decision in decisions for name in regions_of(decision)),
            *(region_id("decision-publication", decision.pk) for decision in decisions),
            region_id("item-publication", item.pk),
            *regions_of_minutes(meeting),
            *_elsewhere(item, decisions),
            *_of_reviews(reviews),
        ],
        params={"title": item.title, "meeting": meeting.title, "date": meeting.date.isoformat()},
        access=outsiders_of(meeting.group),
    )
    return item


@transaction.atomic
def set_decision_visibility(*, decision: Decision, visibility: str, seen: str, by: Membership) -> Decision:
    """Say who may read a decision; `seen` is what the form showed. Said twice, it is said once.

    The result of an item that stays the group's own can be opened to the network. Where it becomes the group's own, so
    do the items in which it is to come up again. Raises Refused where one of them is public.
    """
    group = locked_group(decision.group_id)
    need(may_set_visibility(by, group))
    decision = locked_lives([decision.pk])[decision.pk]
    if not _changes(decision, visibility, seen):
        return decision
    reviews = _reviews_of([decision], visibility)
    _need_not_public(decision, *reviews)
    if decision.meeting:
        _need_minutes_not_public(decision.meeting)
    _set(decision, visibility)
    _votes_on(decision).update(visibility=visibility)
    _reviews_follow(reviews)
    index.put(decision_entry(decision))
    if decision.meeting:
        _index_minutes(decision.meeting)
    record(
        decision.network,
        verb=f"decision_for_{visibility}",
        actor=by,
        obj=decision,
        regions=[
            *regions_of(decision),
            region_id("decision-publication", decision.pk),
            *_of_votes(_votes_on(decision)),
            *(regions_of_minutes(decision.meeting) if decision.meeting else ()),
            *_named_by(decision),
            *_of_reviews(reviews),
        ],
        params={"reference": decision.reference, "subject": decision.subject},
        access=outsiders_of(group),
    )
    return decision


@transaction.atomic
def set_minutes_visibility(*, meeting: Meeting, visibility: str, seen: str, by: Membership) -> Minutes:
    """Say who may read the minutes of a meeting; `seen` is what the form showed. Said twice, it is said once."""
    locked_group(meeting.group_id)
    meeting = locked_meeting(meeting.pk)
    need(rules.may_lead(rules.standing(by, meeting)))
    minutes = locked_minutes(meeting)
    if not _changes(minutes, visibility, seen):
        return minutes
    _need_minutes_not_public(meeting)
    _set(minutes, visibility)
    _index_minutes(meeting)
    record(
        meeting.network,
        verb=f"minutes_for_{visibility}",
        actor=by,
        obj=minutes,
        regions=[*regions_of_minutes(meeting)],
        params={"meeting": meeting.title, "date": meeting.held_on.isoformat(), "meeting_id": meeting.pk},
        access=outsiders_of(meeting.group),
    )
    return minutes


def locked_decision(pk: int) -> Decision:
    """Return the decision as it is now, locked until the end of the transaction."""
    rows = Decision.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("network", "group", "meeting__group", "item").get(pk=pk)


def regions_of_minutes(meeting: Meeting) -> list[str]:
    """Return the regions that show the minutes of the meeting, or that there are any."""
    names = ("minutes", "minutes-publication", "meeting-approval", "meeting-summary")
    return [*(region_id(name, meeting.pk) for name in names), region_id("minutes-list", meeting.network_id)]


def outsiders_of(group: Group) -> list[int]:
    """Return the people of the network who do not belong to the group: what they may see has changed."""
    people = Membership.objects.filter(network=group.network_id, ended_on=None).exclude(role="coordinator")
    inside = people.filter(group_memberships__group=group).values("pk")
    people = people.exclude(pk__in=inside).exclude(pk__in=born_members(group).values("pk"))
    return list(people.order_by("pk").values_list("person", flat=True))


def _changes(thing: AgendaItem | Decision | Minutes, visibility: str, seen: str) -> bool:
    """Whether the thing is another one's to read from now on; raises Refused where somebody else said so meanwhile."""
    if visibility not in CHOICES:
        raise Refused(_("Choose the group or the network."))
    if thing.visibility == visibility:
        return False
    if thing.visibility != seen:
        raise Refused(_("Somebody else has changed meanwhile who may read it. Look again before you change it."))
    return True


def _need_not_public(*things: AgendaItem | Decision) -> None:
    if any(thing.publications.filter(withdrawn_at=None).exists() for thing in things):
        raise Refused(_is_public())


def _need_minutes_not_public(meeting: Meeting) -> None:
    if Publication.objects.filter(minutes__minutes__meeting=meeting, withdrawn_at=None).exists():
        raise Refused(_("The minutes of this meeting are public. The coordinator has to take them off first."))


def _index_minutes(meeting: Meeting) -> None:
    """Let finalised minutes be found by what everybody may read of them now."""
    versions = MinutesVersion.objects.filter(minutes__meeting=meeting).select_related(*VERSION_WITH)
    if newest := versions.order_by("number").last():
        index.put(minutes_entry(newest))


def _is_public() -> str:
    return _("This is public. The coordinator has to take it off the public pages first.")


def _set(thing: models.Model, visibility: str) -> None:
    thing.visibility = visibility  # type: ignore[attr-defined]
    thing.save(update_fields=["visibility"])


def _votes_follow(item: AgendaItem) -> None:
    """What was voted on under the item is seen by who sees the item, unless its decision is for the group only."""
    if item.visibility == GROUP:
        _votes_at(item).update(visibility=GROUP)
    else:
        closed = Q(decision__visibility=GROUP) | Q(wording__decision__visibility=GROUP)
        Vote.objects.filter(item=item).exclude(closed).update(visibility=NETWORK)


def _votes_at(item: AgendaItem) -> QuerySet[Vote]:
    """Return the votes under the item, and the void one by circulation whose proposal it is."""
    return Vote.objects.filter(Q(item=item) | Q(next_item=item))


def _votes_on(decision: Decision) -> QuerySet[Vote]:
    """Return the vote that the decision came of, and those before it on the same wording that came to nothing: these
    stay the group's own with their item.
    """
    is_inside = decision.visibility != GROUP and decision.item is not None and decision.item.visibility == GROUP
    on_wording = Q() if is_inside else Q(wording__decision=decision)
    return Vote.objects.filter(Q(decision=decision) | on_wording)


def _of_votes(votes: QuerySet[Vote]) -> Iterable[str]:
    for vote, meeting, network in votes.order_by("pk").values_list("pk", "meeting", "network"):
        yield region_id("vote", vote)
        yield region_id("meeting-vote", meeting) if meeting else region_id("circulars", network)


def _reviews_of(decisions: Iterable[Decision], visibility: str) -> list[AgendaItem]:
    """Return the items in which decisions that become the group's own are to come up again: they name them."""
    if visibility != GROUP:
        return []
    items = to_come_up([decision.pk for decision in decisions]).exclude(visibility=GROUP)
    return list(items.select_related("meeting__network", "meeting__group").order_by("pk"))


def _reviews_follow(reviews: Sequence[AgendaItem]) -> None:
    for item in reviews:
        _set(item, GROUP)
    index_items(reviews)


def _of_reviews(reviews: Iterable[AgendaItem]) -> Iterable[str]:
    for item in reviews:
        yield from of_agenda(item.meeting, item)
        yield from (region_id("item", item.pk), region_id("item-publication", item.pk))


def _elsewhere(item: AgendaItem, decisions: Iterable[Decision]) -> Iterable[str]:
    """Yield what shows that there is the item, or what it is called, and stays open for who may not read it."""
    yield region_id("meeting-vote", item.meeting_id)
    if item.meeting.series_id:
        yield region_id("series", item.meeting.series_id)
    for action in item.recorded_actions.values_list("action_item", flat=True):
        yield region_id("action-item", action)
    yield from _of_votes(_votes_at(item))
    for decision in decisions:
        yield from _named_by(decision)


def _named_by(decision: Decision) -> Iterable[str]:
    """Yield where it is named: by the decisions that it replaces or that replace it, by the items in which it comes up
    again, and by what carries it out.
    """
    for links in chain_of(decision, ()):
        yield from (region_id("decision-life", link.decision.pk) for link in links)
    yield from (region_id("item", pk) for pk in decision.review_items.order_by("pk").values_list("pk", flat=True))
    carried_out = decision.carried_out_by.filter(removed_at=None, action_item__municipality__isnull=False)
    towns = Accession.objects.filter(network=decision.network_id)
    towns = towns.filter(municipality__in=carried_out.values("action_item__municipality"))
    yield from (region_id("overview-actions", pk) for pk in towns.order_by("pk").values_list("pk", flat=True))

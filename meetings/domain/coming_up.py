"""A decision with a review date comes up again: an item on the first planned meeting of its group from that day on."""

from __future__ import annotations

from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from collab import clock
from collab.live.log import record
from collab.live.regions import region_id
from collab.network.models import Membership
from meetings.models import AgendaItem, Decision, Kind, Meeting, Visibility
from meetings.queries.life import TO_COME, WAITING, has_come_up, meetings_for_review, to_come_up

from .agenda import MOST_ITEMS, index_items, locked_meeting, put_before_closing_item
from .life import locked_lives
from .regions import of_agenda

State = AgendaItem.State
# So many at once; the clock comes again in half a minute.
AT_ONCE = 100


def settle_reviews(decision: Decision, *, actor: Membership | None) -> list[str]:
    """Bring the agendas in line with the review date of a decision locked by `locked_lives`.

    What does not fit any more is taken off before it has begun; what is due is put on the first planned meeting, once.
    Returns the regions of what was taken off.
    """
    due = decision.review_on if decision.state == Decision.State.IN_FORCE else None
    regions = _take_off(decision, due)
    if due and not has_come_up(decision, due):
        _put_on(decision, due, actor)
    return regions


def _take_off(decision: Decision, due: date | None) -> list[str]:
    items = to_come_up([decision.pk]).filter(meeting__state=Meeting.State.PLANNED, started_at=None)
    items = items.filter(meeting__date__lt=due) if due else items
    gone = list(items.select_related("meeting__network", "meeting__group"))
    for item in gone:
        item.children.update(parent=None, position=item.position)
        item.state, item.parent = State.WITHDRAWN, None
        item.version += 1
        item.save()
    index_items(gone)
    return [region for item in gone for region in of_agenda(item.meeting, item)]


def _put_on(decision: Decision, due: date, by: Membership | None) -> AgendaItem | None:
    """Return the new item; None where there is no meeting yet, or none with room: the clock looks again."""
    for pk in meetings_for_review(decision, due).values_list("pk", flat=True):
        meeting = locked_meeting(pk)
        if meeting.state == Meeting.State.PLANNED and meeting.items.count() < MOST_ITEMS:
            return _new_item(decision, meeting, by)
    return None


def _new_item(decision: Decision, meeting: Meeting, by: Membership | None) -> AgendaItem:
    # Everybody reads the same title: it is in the network's language, whoever or whatever put it there.
    with override(settings.LANGUAGE_CODE):
        title = _("Review of decision %(reference)s: %(subject)s") % {
            "reference": decision.reference,
            "subject": decision.subject,
        }
    is_inside = decision.visibility == Visibility.GROUP
    item = AgendaItem(meeting=meeting, title=title[:200], kind=Kind.DISCUSSION, state=State.PLANNED, reviews=decision)
    item.visibility = Visibility.GROUP if is_inside else Visibility.NETWORK
    item.project_id = decision.item.project_id if decision.item else None
    item.save()
    put_before_closing_item(meeting, item)
    index_items([item])
    record(
        meeting.network,
        verb="review_planned",
        actor=by,
        obj=item,
        regions=[*of_agenda(meeting, item), region_id("decision-life", decision.pk)],
        params={
            "reference": decision.reference,
            "title": item.title,
            "meeting": meeting.title,
            "date": meeting.date.isoformat(),
        },
    )
    return item


def plan_reviews(now: datetime) -> None:
    """Put on the agendas what is due and was not yet: a job of the clock."""
    today = timezone.localdate(now)
    items = AgendaItem.objects.filter(reviews=OuterRef("pk")).exclude(state=State.WITHDRAWN)
    living = Q(state__in=WAITING, meeting__state__in=TO_COME)
    since = Q(meeting__date__gte=OuterRef("review_on")) & ~Q(meeting__state=Meeting.State.CANCELLED)
    meetings = Meeting.objects.filter(group=OuterRef("group"), state=Meeting.State.PLANNED, date__gte=today)
    due = Decision.objects.filter(state=Decision.State.IN_FORCE, review_on__isnull=False)
    due = due.filter(~Exists(items.filter(living | since)), Exists(meetings.filter(date__gte=OuterRef("review_on"))))
    left = AgendaItem.objects.filter(to_be_taken_off()).exclude(reviews__state=Decision.State.IN_FORCE)
    keys = [*due.order_by("review_on", "pk").values_list("pk", flat=True)[:AT_ONCE]]
    clock.each(_settle, [*keys, *left.values_list("reviews", flat=True)[:AT_ONCE]])


def to_be_taken_off() -> Q:
    planned = Q(meeting__state=Meeting.State.PLANNED, started_at=None, state__in=WAITING)
    return planned & Q(reviews__isnull=False)


@transaction.atomic
def _settle(pk: int) -> None:
    decision = locked_lives([pk])[pk]
    if regions := settle_reviews(decision, actor=None):
        record(
            decision.network,
            verb="review_taken_off",
            actor=None,
            obj=decision,
            regions=[*regions, region_id("decision-life", pk)],
            params={"reference": decision.reference, "subject": decision.subject},
        )

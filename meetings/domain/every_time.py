"""Putting an item on every agenda of its series, and taking it off again."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from collab.live.answers import Refused
from collab.live.log import record
from collab.network.access import need
from collab.network.models import Membership
from meetings import rules
from meetings.models import AgendaItem, Meeting, Series, TemplateItem, Visibility
from meetings.queries.slots import is_regular

from .agenda import index_items, locked_item
from .regions import of_agenda, of_series
from .series import locked_series
from .template import Line, save_template


@transaction.atomic
def put_on_every_agenda(*, item: AgendaItem, by: Membership) -> TemplateItem:
    """Make the item one that every later meeting of its series starts with; twice does nothing more.

    In the template it comes before the last line, which is "any other business" in most. A line of the same name is
    taken as this one. Raises Refused for an item that is for the group only: its title would stand everywhere.
    """
    series, meetings = _series_of(item, by)
    meeting, item = locked_item(item)
    lines = list(series.template_items.filter(removed=False))
    standing = next((line for line in lines if line.pk == item.template_item_id), None)
    if standing:
        return standing
    if item.visibility == Visibility.GROUP:
        raise Refused(_("This item is for the group only, and the network reads what stands on every agenda."))
    standing = next((line for line in lines if line.title.casefold() == item.title.casefold()), None)
    if standing is None:
        fresh = Line(title=item.title, kind=item.kind, minutes=item.minutes)
        wanted = [Line(title=one.title, kind=one.kind, minutes=one.minutes, pk=one.pk) for one in lines]
        wanted.insert(max(len(wanted) - 1, 0), fresh)
        save_template(series, wanted, [one for one in meetings if one.pk != meeting.pk])
        known = {line.pk for line in lines}
        standing = series.template_items.filter(removed=False).exclude(pk__in=known).get()
    item.template_item = standing
    item.save(update_fields=["template_item"])
    _record(series, standing, item, meetings, "every_time_added", by)
    return standing


@transaction.atomic
def take_off_every_agenda(*, item: AgendaItem, by: Membership) -> AgendaItem:
    """Let later meetings of the series start without the item; on this agenda, and where it was worked on, it stays."""
    series, meetings = _series_of(item, by)
    meeting, item = locked_item(item)
    lines = list(series.template_items.filter(removed=False))
    standing = next((line for line in lines if line.pk == item.template_item_id), None)
    if standing is None:
        return item
    wanted = [Line(title=one.title, kind=one.kind, minutes=one.minutes, pk=one.pk) for one in lines]
    wanted = [line for line in wanted if line.pk != item.template_item_id]
    save_template(series, wanted, [one for one in meetings if one.pk != meeting.pk])
    if meeting.state == Meeting.State.PLANNED:
        # From now on it is an item like any other: the next change of the template leaves it alone.
        item.template_item = None
        item.save(update_fields=["template_item"])
    _record(series, standing, item, meetings, "every_time_removed", by)
    return item


def _series_of(item: AgendaItem, by: Membership) -> tuple[Series, list[Meeting]]:
    """Return the item's series, locked, and its planned meetings that follow the template, locked."""
    if item.meeting.series_id is None:
        raise Refused(_("This meeting belongs to no series."))
    series = locked_series(item.meeting.series_id)
    need(rules.may_plan(by, series.group))
    rows = Meeting.objects.select_for_update(of=("self",), no_key=True).filter(series=series)
    rows = rows.filter(occurrence_on__gte=timezone.localdate()).order_by("pk")
    return series, [meeting for meeting in rows if is_regular(meeting)]


def _record(
    series: Series, standing: TemplateItem, item: AgendaItem, meetings: list[Meeting], verb: str, by: Membership
) -> None:
    """It is called as in the template, which everybody reads: the item may be for the group only by now."""
    series.version += 1
    series.save(update_fields=["version"])
    index_items([item])
    record(
        series.group.network,
        verb=verb,
        actor=by,
        obj=series,
        regions=[*of_series(series, meetings), *of_agenda(item.meeting, item)],
        params={"title": standing.title, "series": series.title},
    )

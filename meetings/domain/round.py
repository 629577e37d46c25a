"""The round of reports: each town writes its own, the chair calls one after the other."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from collab.live.answers import Refused, Stale
from collab.live.log import last_actor, record
from collab.live.regions import region_id
from collab.network.access import need
from collab.network.models import Membership, Municipality
from meetings import rules
from meetings.models import AgendaItem, Kind, Meeting, Report
from meetings.queries.talk import report_of, round_of

from .agenda import locked_item
from .regions import of_room

State = Report.State
TEXTS = ("news", "needs", "offers")
OPEN_ITEMS = (AgendaItem.State.PLANNED, AgendaItem.State.DONE, AgendaItem.State.DEFERRED)


@transaction.atomic
def write_report(
    *, item: AgendaItem, municipality: Municipality, news: str, needs: str, offers: str, version: int, by: Membership
) -> Report:
    """Save a town's report, before the meeting or in it, until the meeting closes; returns it.

    Only the town's own people write it. Before the round starts nobody else reads it. Raises Stale where a colleague
    wrote there since `version` (0: as long as there was no text). A town that had passed is to come again.
    """
    meeting, item = locked_item(item)
    need(rules.may_act_for_town(by, municipality.pk, rules.standing(by, meeting)))
    _need_writable(meeting, item)
    report = report_of(item, municipality.pk)
    texts = {"news": news, "needs": needs, "offers": offers}
    if all(getattr(report, name) == text for name, text in texts.items()) and report.has_text:
        return report  # sent twice, or nothing changed
    if report.version != version:
        raise Stale(report, last_actor(report, "report_written"))
    if not report.has_text and not any(texts.values()):
        raise Refused(_("Write at least one of the three texts. If your town has nothing to report, it can pass."))
    for name, text in texts.items():
        setattr(report, name, text)
    report.state = State.WRITTEN if report.state == State.PASSED else report.state
    report.written_by, report.written_at = by, timezone.now()
    report.version += 1
    report.save()
    _record(meeting, item, "report_written", by, report)
    return report


def _need_writable(meeting: Meeting, item: AgendaItem) -> None:
    if meeting.state == Meeting.State.CLOSED:
        raise Refused(_("The meeting is closed, and so are its reports. Keep your text for the next round."))
    if meeting.state == Meeting.State.CANCELLED:
        raise Refused(_("This meeting was cancelled. Keep your text for the next round."))
    if item.kind != Kind.ROUND or item.state not in OPEN_ITEMS:
        raise Refused(_("There is no round of reports here any more. Keep your text for the next round."))


@transaction.atomic
def pass_report(*, item: AgendaItem, municipality: Municipality, by: Membership, passed: bool = True) -> Report:
    """Let a town pass in the running round, or take that back; its own people or the chair. Twice is once."""
    meeting, item = locked_item(item)
    role = rules.standing(by, meeting)
    need(rules.may_lead(role) or rules.may_act_for_town(by, municipality.pk, role))
    _need_running(meeting, item)
    report = report_of(item, municipality.pk)
    if report.state == State.GIVEN:
        raise Refused(_("%(town)s has reported already.") % {"town": municipality})
    if (report.state == State.PASSED) == passed:
        return report
    report.state = State.PASSED if passed else State.WRITTEN
    report.save()
    if passed and item.called_id == municipality.pk:
        _set_called(item, None)
    _record(meeting, item, "report_passed" if passed else "report_to_come", by, report)
    return report


@transaction.atomic
def call_next(*, item: AgendaItem, expected: str | None, by: Membership) -> AgendaItem:
    """Call the next town at the table that is still to come; after the last one the round is through.

    `expected` is the key of the town the chair saw called. Raises Refused where somebody else called one meanwhile:
    two who press together call once.
    """
    meeting, item = locked_item(item)
    _need_caller(meeting, item, expected, by)
    coming = round_of(item).to_come
    return _call(meeting, item, coming[0] if coming else None, by)


@transaction.atomic
def call_town(*, item: AgendaItem, municipality: Municipality, expected: str | None, by: Membership) -> AgendaItem:
    """Call this town, whatever its turn, also one that had passed or reported; `expected` as in `call_next`."""
    meeting, item = locked_item(item)
    if item.called_id == municipality.pk:
        expected = item.called_id  # two called the same town: both have what they wanted
    _need_caller(meeting, item, expected, by)
    return item if item.called_id == municipality.pk else _call(meeting, item, municipality, by)


def _need_caller(meeting: Meeting, item: AgendaItem, expected: str | None, by: Membership) -> None:
    need(rules.may_lead(rules.standing(by, meeting)))
    _need_running(meeting, item)
    if item.called_id != expected:
        town = item.called or "–"
        raise Refused(_("Somebody else has just gone on: now called is %(town)s.") % {"town": town})


def _need_running(meeting: Meeting, item: AgendaItem) -> None:
    if meeting.state != Meeting.State.OPEN or meeting.active_item_id != item.pk or item.kind != Kind.ROUND:
        raise Refused(_("The round is not the active item of the meeting now."))


def _call(meeting: Meeting, item: AgendaItem, municipality: Municipality | None, by: Membership) -> AgendaItem:
    earlier = item.called
    if earlier is None and municipality is None:
        return item
    if earlier:
        _mark(item, earlier, State.GIVEN)
    _set_called(item, municipality)
    if municipality is None:
        _record(meeting, item, "round_through", by)
    else:
        _record(meeting, item, "town_called", by, _mark(item, municipality, State.WRITTEN))
    return item


def _mark(item: AgendaItem, municipality: Municipality, state: str) -> Report:
    """Note how far the town is, also where it has written nothing: called, or (when the next is called) given."""
    report = report_of(item, municipality.pk)
    if state == State.GIVEN:
        report.state = State.GIVEN
    else:
        report.called_at = timezone.now()
        report.state = State.WRITTEN if report.state == State.PASSED else report.state
    report.save()
    return report


def _set_called(item: AgendaItem, municipality: Municipality | None) -> None:
    item.called = municipality
    item.save(update_fields=["called", "changed_at"])


def _record(meeting: Meeting, item: AgendaItem, verb: str, by: Membership, report: Report | None = None) -> None:
    town = {"town": report.municipality.short_name} if report else {}
    record(
        meeting.network,
        verb=verb,
        actor=by,
        obj=report or item,
        # Whether towns are to come decides which step stands out on the stage.
        regions=[*of_room(meeting, "round", "active"), region_id("item", item.pk)],
        params={"title": item.title, **town},
    )

"""Reads: the minutes of meetings, their versions, and what is still to be approved."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.http import Http404

from collab.live.models import Change
from collab.network.models import Membership
from meetings.models import AgendaItem, Decision, Meeting, Minutes, MinutesApproval, MinutesVersion
from meetings.rules.minutes import may_read_minutes

from .agenda import get_meeting_for

Kind = MinutesApproval.Kind
# So many finalised minutes come up for approval at once at most, the newest first.
MOST_TO_APPROVE = 5
# The moment of finalising is kept in whole milliseconds.
ROUNDED = timedelta(milliseconds=1)
VERSION_WITH = ("minutes__meeting__network", "minutes__meeting__group", "finalised_by__person")


def minutes_of(meeting: Meeting) -> Minutes:
    """Return the minutes of a meeting; as long as nobody has written anything there they are not in the database."""
    minutes = Minutes.objects.filter(meeting=meeting).first() or Minutes(meeting=meeting)
    minutes.meeting = meeting
    return minutes


def get_minutes_for(membership: Membership, meeting_pk: int) -> tuple[Minutes, str]:
    """Return the minutes of the meeting and this member's standing in it; raises Http404 where they may not read them.

    There are none before the meeting was closed for the first time. Who does not see the draft
    (`rules.minutes.sees_draft`) reads what is finalised only: `newest_version` is there for them.
    """
    meeting, role = get_meeting_for(membership, meeting_pk)
    minutes = minutes_of(meeting)
    newest = newest_version(minutes)
    exists = newest is not None or meeting.state == Meeting.State.CLOSED
    if not exists or not may_read_minutes(role, minutes, is_finalised=newest is not None):
        raise Http404
    return minutes, role


def versions_of(minutes: Minutes) -> QuerySet[MinutesVersion]:
    """Return the finalised versions, the first one first."""
    versions = MinutesVersion.objects.filter(minutes=minutes.pk).select_related(*VERSION_WITH)
    return versions.order_by("number")


def newest_version(minutes: Minutes) -> MinutesVersion | None:
    """Return the newest finalised version, None where nothing was finalised yet."""
    return versions_of(minutes).last() if minutes.pk else None


def get_version(minutes: Minutes, number: int) -> MinutesVersion:
    """Return the finalised version of that number; raises Http404 where there is none."""
    version = versions_of(minutes).filter(number=min(number, 2**31 - 1)).first()
    if version is None:
        raise Http404
    return version


def chain_of(meeting: Meeting) -> str:
    """Return the chain to which the minutes of a meeting belong: that of its series, else that of its group."""
    return f"series:{meeting.series_id}" if meeting.series_id else f"group:{meeting.group_id}"


def is_newer(meeting: Meeting, version: MinutesVersion) -> bool:
    """Return whether the meeting was reopened after the version was finalised, so that a new one has to follow."""
    return meeting.closed_at is None or meeting.closed_at - version.finalised_at > ROUNDED


def approvals_of(minutes: Minutes) -> list[MinutesApproval]:
    """Return what later meetings said of the versions of these minutes, in the order it was said."""
    if not minutes.pk:
        return []
    said = MinutesApproval.objects.filter(version__minutes=minutes)
    return list(said.select_related("version", "municipality", "answered_in", "item__meeting"))


def open_objections(minutes: Minutes) -> list[MinutesApproval]:
    """Return the objections that no later version has taken up."""
    return [said for said in approvals_of(minutes) if said.kind == Kind.OBJECTION and said.answered_in is None]


def late_notes(minutes: Minutes) -> set[int]:
    """Return the keys of the items whose notes were changed in the meeting after the minutes got a text of their own
    for them; two queries.
    """
    edits = Change.objects.filter(object_type="minutes", object_id=minutes.pk, verb="minutes_edited")
    seen = {
        at["item_id"]: at["notes_version"]
        for at in edits.order_by("version").values_list("params", flat=True)
        if "item_id" in at
    }
    now = AgendaItem.objects.filter(minutes_texts__minutes=minutes.pk).values_list("pk", "notes_version")
    return {pk for pk, version in now if version > seen.get(pk, version)}


def is_in_minutes(decision: Decision) -> bool:
    """Return whether finalised minutes hold the decision: then it is not changed, not even in a reopened meeting."""
    finalised = MinutesVersion.objects.filter(minutes__meeting=decision.meeting_id)
    return finalised.filter(finalised_at__gte=decision.recorded_at).exists()


def to_approve(meeting: Meeting) -> list[MinutesVersion]:
    """Return the finalised minutes of earlier meetings of the same series (else group) that are not approved yet: of
    each meeting the newest version, the latest meeting first, with what was said of it. Two queries.
    """
    versions = MinutesVersion.objects.filter(chain=chain_of(meeting)).exclude(minutes__meeting=meeting)
    versions = versions.filter(_before(meeting)).exclude(approvals__kind=Kind.APPROVED).exclude(_is_replaced())
    return list(_with_approvals(versions)[:MOST_TO_APPROVE])


def approved_under(item: AgendaItem) -> list[MinutesVersion]:
    """Return the versions of which something was said under this item, the latest meeting first; two queries."""
    return list(_with_approvals(MinutesVersion.objects.filter(approvals__item=item).distinct()))


def _with_approvals(versions: QuerySet[MinutesVersion]) -> QuerySet[MinutesVersion]:
    said = MinutesApproval.objects.select_related("municipality", "answered_in")
    later = MinutesVersion.objects.filter(minutes=OuterRef("minutes"), number__gt=OuterRef("number"))
    versions = versions.annotate(newer=Subquery(later.order_by("-number").values("number")[:1]))
    versions = versions.select_related(*VERSION_WITH).prefetch_related(Prefetch("approvals", said))
    return versions.order_by("-minutes__meeting__date", "-position")


def _before(meeting: Meeting) -> Q:
    path = "minutes__meeting__"
    return Q(**{f"{path}date__lt": meeting.date}) | Q(
        **{f"{path}date": meeting.date, f"{path}start_time__lte": meeting.start_time}
    )


def _is_replaced() -> Q:
    later = MinutesVersion.objects.filter(minutes=OuterRef("minutes"), number__gt=OuterRef("number"))
    return Q(Exists(later))

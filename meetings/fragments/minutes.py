"""Minutes: the document with its state, the list of all, and what comes up for approval in the room."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext_lazy as _

from collab.live import regions, verbs
from collab.live.models import Change
from collab.live.once import once
from collab.network.models import Membership, Network
from meetings.models import Meeting, Minutes, MinutesApproval, MinutesVersion, Visibility
from meetings.queries import minutes as queries
from meetings.queries.minutes_content import Content, content_of, content_of_version
from meetings.queries.minutes_diff import is_same
from meetings.queries.minutes_list import MinutesFilter, groups_read, minutes_page
from meetings.queries.presence import presence_of
from meetings.queries.visibility import minutes_without_inside
from meetings.rules.minutes import may_edit_minutes, may_read_minutes, sees_draft

from .agenda import Context, audience_in_meeting, in_meeting
from .circles import in_meeting as hears_in_meeting
from .guests import tells_in_room

# What those hear who do not read the draft.
FINAL = frozenset(
    (
        "minutes_finalised",
        "minutes_corrected",
        "minutes_approved",
        "minutes_approval_taken_back",
        "minutes_objected",
    )
)


@dataclass(frozen=True)
class Shown:
    """The minutes of a meeting as they are now: the draft where there is one, and what was finalised."""

    minutes: Minutes
    versions: list[MinutesVersion]
    said: list[MinutesApproval]
    draft: Content | None
    # Whether the meeting was reopened since, or is in session again.
    is_reopened: bool
    objections: list[MinutesApproval] = field(default_factory=list)
    # Items of which the meeting has newer notes than the draft.
    late: set[int] = field(default_factory=set)

    @property
    def newest(self) -> MinutesVersion | None:
        return self.versions[-1] if self.versions else None

    @property
    def approved_on(self) -> date | None:
        """When the newest version was approved."""
        is_newest = (one for one in self.said if self.newest and one.version_id == self.newest.pk)
        return next((one.on for one in is_newest if one.kind == queries.Kind.APPROVED), None)


@once
def shown_minutes(pk: int) -> Shown:
    """Return the minutes of a meeting; there is a draft where the meeting is closed and says something new."""
    meeting = Meeting.objects.select_related("network", "group", "series", "host", *PEOPLE).get(pk=pk)
    minutes = queries.minutes_of(meeting)
    versions = list(queries.versions_of(minutes)) if minutes.pk else []
    newest = versions[-1] if versions else None
    draft = content_of(minutes) if meeting.state == Meeting.State.CLOSED else None
    if draft and newest and is_same(content_of_version(newest), draft):
        draft = None
    said = queries.approvals_of(minutes)
    open_ones = [one for one in said if one.kind == queries.Kind.OBJECTION and one.answered_in_id is None]
    is_reopened = newest is not None and queries.is_newer(meeting, newest)
    late = queries.late_notes(minutes) if draft and minutes.pk else set()
    return Shown(minutes, versions, said, draft, is_reopened, open_ones, late)


PEOPLE = ("chair__person", "chair__municipality", "minute_taker__person", "minute_taker__municipality")


@once
def audience_of_minutes(membership: Membership, pk: int) -> str | None:
    """The standing in the meeting, of who may read its minutes."""
    role = audience_in_meeting(membership, pk)
    if role is None or sees_draft(role):
        return role
    minutes = Minutes.objects.filter(meeting=pk).first()
    if minutes is None:
        return None
    is_finalised = minutes.versions.exists()
    return role if may_read_minutes(role, minutes, is_finalised=is_finalised) else None


def one_minutes(pk: int, audience: str, variant: str) -> Context:
    """The draft for who sees it, else the newest version; others than the group read it without what is its own."""
    shown = shown_minutes(pk)
    sees = sees_draft(audience)
    draft = shown.draft if sees else None
    content = draft or (content_of_version(shown.newest) if shown.newest else None)
    if content and not sees:
        content = minutes_without_inside(content)
    return {
        "meeting": shown.minutes.meeting,
        "network": shown.minutes.meeting.network,
        "shown": shown,
        "newest": shown.newest,
        "versions_newest_first": shown.versions[::-1],
        "approved_on": shown.approved_on,
        "is_draft": draft is not None,
        "sees_draft": sees,
        "content": content,
        "may_edit": may_edit_minutes(audience) and shown.minutes.meeting.state == Meeting.State.CLOSED,
        "is_guest": audience == "guest",
    }


def tells_minutes(change: Change, pk: int, audience: str) -> bool:
    return sees_draft(audience) or change.verb in FINAL


@once
def _up_for_approval(meeting: Meeting) -> list[MinutesVersion]:
    item = meeting.active_item
    if item is None or meeting.state != Meeting.State.OPEN or item.kind != "approval":
        return []
    found = [*queries.approved_under(item), *queries.to_approve(meeting)]
    versions = list({version.pk: version for version in found}.values())
    for version in versions:
        said = version.approvals.all()
        version.is_approved = any(one.kind == queries.Kind.APPROVED for one in said)  # type: ignore[attr-defined]
    return versions


def approval(pk: int, audience: str, variant: str) -> Context:
    """The minutes that are to be approved, while the item for it is active; not for guests."""
    context = in_meeting(pk, audience, variant)
    meeting = context["meeting"]
    item = meeting.active_item if meeting.state == Meeting.State.OPEN else None
    is_approval = item is not None and item.kind == "approval" and not context["is_guest"]
    versions = _up_for_approval(meeting) if is_approval else []
    if not sees_draft(audience):
        versions = [one for one in versions if one.minutes.visibility != Visibility.GROUP]
    towns = " ".join(row.municipality.pk for row in presence_of(meeting).rows) if versions else ""
    return {**context, "item": item if is_approval else None, "versions": versions, "towns": towns}


def list_audience(membership: Membership, pk: int) -> str | None:
    """Names the groups whose drafts, and whose own minutes, this audience sees: "member:3.7"."""
    if membership.network_id != pk or membership.is_guest or membership.ended_on is not None:
        return None
    groups = groups_read(membership)
    return f"member:{'.'.join(map(str, groups))}" if groups else "member"


def minutes_list(pk: int, audience: str, variant: str) -> Context:
    wanted = MinutesFilter.parse(variant)
    groups = [int(group) for group in audience.partition(":")[2].split(".") if group]
    page = minutes_page(pk, groups, wanted)
    return {"network": Network.objects.get(pk=pk), "page": page, "wanted": wanted, "rows": page.object_list}


def in_list(circle: int, pk: int, audience: str) -> bool:
    return str(circle) in audience.partition(":")[2].split(".")


regions.register(
    regions.Region(
        "minutes",
        "meetings/fragments/minutes.html",
        audience_of_minutes,
        one_minutes,
        tells=tells_minutes,
        hears=hears_in_meeting,
    )
)
regions.register(
    regions.Region(
        "minutes-list",
        "meetings/fragments/minutes_list.html",
        list_audience,
        minutes_list,
        canonical=lambda variant: MinutesFilter.parse(variant).variant,
        hears=in_list,
    )
)
regions.register(
    regions.Region(
        "meeting-approval",
        "meetings/fragments/meeting_approval.html",
        audience_in_meeting,
        approval,
        tells=tells_in_room,
        hears=hears_in_meeting,
    )
)
verbs.register(
    {
        "minutes_edited": _("%(actor)s edited the minutes of “%(meeting)s” of %(date)s"),
        "minutes_finalised": _("%(actor)s finalised the minutes of “%(meeting)s” of %(date)s"),
        "minutes_corrected": _(
            "%(actor)s finalised version %(number)s of the minutes of “%(meeting)s” of %(date)s: %(reason)s"
        ),
        "minutes_approved": _("The minutes of “%(meeting)s” of %(date)s were approved"),
        "minutes_approval_taken_back": _("The approval of the minutes of “%(meeting)s” of %(date)s was taken back"),
        "minutes_objected": _("%(town)s objected to the minutes of “%(meeting)s” of %(date)s"),
    },
    {"minutes": "/n/{slug}/meetings/{meeting_id}/minutes/"},
    quiet=("minutes_edited",),
    spoken={
        "minutes_edited": (_("The minutes were edited"), ""),
        "minutes_finalised": (_("The minutes of “%(meeting)s” are finalised"), _("{n} minutes finalised")),
        "minutes_corrected": (_("The minutes of “%(meeting)s” have a new version"), _("{n} minutes finalised")),
        "minutes_approved": (_("The minutes were approved"), ""),
        "minutes_approval_taken_back": (_("The approval of the minutes was taken back"), ""),
        "minutes_objected": (_("%(town)s objected to the minutes"), ""),
    },
)

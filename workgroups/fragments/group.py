"""The live regions of groups, and the sentences of what happens to them."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from collab.live import circles, log, verbs
from collab.live.models import Change
from collab.live.once import once
from collab.live.regions import Context, Region, register
from collab.network.models import Membership, Network, Role
from collab.network.queries import coordinators
from workgroups.models import Admission, Group, SharedFile
from workgroups.queries.action_item import open_actions_of_group
from workgroups.queries.admission import admission_state, my_admissions, open_admissions
from workgroups.queries.group import Member, files_of, group_projects, group_rows, members_of
from workgroups.rules import CHAIR, MEMBER, group_role, may_add_action, may_read_groups, may_see_inside

from . import audiences

FOLDER = "workgroups/fragments/"
# Who belongs to the network but not to the group; may look at what is not internal.
OUTSIDE = "outside"
# So many of a group's action items are shown on its page; the log has them all.
ON_PAGE = 8


@once
def _group(pk: int) -> Group:
    return Group.objects.select_related("network", "lead_town").get(pk=pk)


def audience_of_page(membership: Membership, pk: int) -> str | None:
    """Return "chair", "minutes" or "member"; of the others "asked", "invited" or "outside". Guests see nothing."""
    group = Group.objects.filter(pk=pk, network=membership.network_id).first()
    if group is None or not may_read_groups(membership):
        return None
    return group_role(membership, group) or admission_state(membership, group) or OUTSIDE


def audience_of_work(membership: Membership, pk: int) -> str | None:
    """Return what the member is in the group; who only reads, a mayor of the plenum, looks at it from outside."""
    audience = audience_of_page(membership, pk)
    return audience if audience is None or may_add_action(membership) else OUTSIDE


def audience_of_people(membership: Membership, pk: int) -> str | None:
    """Return "chair" for who runs the group, "member" for everybody else in the network."""
    group = Group.objects.filter(pk=pk, network=membership.network_id).first()
    if group is None or not may_read_groups(membership):
        return None
    return CHAIR if group_role(membership, group) == CHAIR else MEMBER


def audience_inside(membership: Membership, pk: int) -> str | None:
    """Return what the member is in the group; who does not belong to it looks at what is not internal."""
    group = Group.objects.filter(pk=pk, network=membership.network_id).first()
    if group is None or not may_see_inside(membership, group):
        return None
    return group_role(membership, group) or OUTSIDE


def audience_of_self(membership: Membership, pk: int) -> str | None:
    return "me" if membership.pk == pk and may_read_groups(membership) else None


def group_list(pk: int, audience: str, variant: str) -> Context:
    rows = _rows(pk)
    return {
        "network": Network.objects.get(pk=pk),
        "active": [row for row in rows if row.group.state == Group.State.ACTIVE],
        "closed": [row for row in rows if row.group.state == Group.State.CLOSED],
        "may_found": audience != audiences.READER,
    }


_rows = once(group_rows)


def group_page(pk: int, audience: str, variant: str) -> Context:
    group = _group(pk)
    is_active = group.state == Group.State.ACTIVE
    inside = audience not in (OUTSIDE, "asked", "invited")
    people = _members(group)
    officers = [one.membership.pk for one in people if one.membership.role == Role.OFFICER]
    joined = [one.membership.pk for one in people if not one.by_office]
    leaders = _officers_of_lead(group)
    runs = [one.pk for one in _coordinators(group.network_id)] + [o.membership.pk for o in people if o.role == CHAIR]
    may_take_lead = officers if is_active and group.kind == Group.Kind.WORKING_GROUP and not group.lead_town_id else []
    return {
        "group": group,
        "network": group.network,
        "is_active": is_active,
        "inside": inside,
        "runs": audience == CHAIR,
        "may_join": is_active and not inside,
        # One's own is shown by the browser.
        "invitations": _invitations(group) if audience == "invited" else [],
        # What only some of an audience can do is shown by the browser, from these keys.
        "officers": _words(may_take_lead),
        "lead_people": _words(leaders),
        "joined": _words(joined),
        "menu_for": _words([*joined, *may_take_lead, *leaders, *runs]),
        "history": log.history(group, limit=50),
    }


def _invitations(group: Group) -> list[Admission]:
    return [one for one in open_admissions(group) if one.kind == Admission.Kind.INVITATION]


def _words(keys: Iterable[int]) -> str:
    return " ".join(str(key) for key in dict.fromkeys(keys))


@once
def _officers_of_lead(group: Group) -> list[int]:
    """Return who could give up the lead of their town."""
    if group.lead_town_id is None:
        return []
    people = Membership.objects.filter(network=group.network_id, ended_on=None, role=Role.OFFICER)
    return list(people.filter(municipality=group.lead_town_id).order_by("pk").values_list("pk", flat=True))


@once
def _coordinators(network_id: int) -> list[Membership]:
    return list(coordinators(network_id))


@once
def _members(group: Group) -> list[Member]:
    return members_of(group)


def group_members(pk: int, audience: str, variant: str) -> Context:
    group, runs = _group(pk), audience == CHAIR
    return {
        "group": group,
        "network": group.network,
        "members": _members(group),
        "runs": runs,
        "is_active": group.state == Group.State.ACTIVE,
        "waiting": open_admissions(group) if runs else [],
    }


def group_work(pk: int, audience: str, variant: str) -> Context:
    group = _group(pk)
    actions = list(open_actions_of_group(pk)[: ON_PAGE + 1])
    return {
        "group": group,
        "network": group.network,
        "projects": group_projects(group),
        "actions": actions[:ON_PAGE],
        "more": len(actions) > ON_PAGE,
        "may_add": group.state == Group.State.ACTIVE and audience in (CHAIR, "minutes", MEMBER),
    }


def group_files(pk: int, audience: str, variant: str) -> Context:
    group = _group(pk)
    inside = audience != OUTSIDE
    return {
        "group": group,
        "network": group.network,
        "files": files_of(group),
        "may_add": inside and group.state == Group.State.ACTIVE,
        "runs": audience == CHAIR,
        "inside": inside,
    }


def admissions(pk: int, audience: str, variant: str) -> Context:
    member = Membership.objects.select_related("network").get(pk=pk)
    return {"network": member.network, "mine": my_admissions(member)}


def tells_who_runs(change: Change, pk: int, audience: str) -> bool:
    """Who asked, was invited or declined is between them and who runs the group."""
    return audience == CHAIR or change.object_type != "admission"


def of_same_group(circle: int, pk: int, audience: str) -> bool:
    return circle == pk


register(Region("group-list", f"{FOLDER}group_list.html", audiences.in_network, group_list))
register(Region("group", f"{FOLDER}group.html", audience_of_page, group_page, tells=tells_who_runs))
register(
    Region("group-members", f"{FOLDER}group_members.html", audience_of_people, group_members, tells=tells_who_runs)
)
register(Region("group-work", f"{FOLDER}group_work.html", audience_of_work, group_work))
register(Region("group-files", f"{FOLDER}group_files.html", audience_inside, group_files, hears=of_same_group))
register(Region("admissions", f"{FOLDER}admissions.html", audience_of_self, admissions))

circles.register(SharedFile, circle="group", where=Q(group__is_internal=True))

SENTENCES = {
    "group_founded": _("%(actor)s founded the group “%(name)s”"),
    "group_edited": _("%(actor)s edited the group “%(name)s”"),
    "group_closed": _("%(actor)s closed the group “%(name)s”: %(word)s"),
    "group_reopened": _("%(actor)s reopened the group “%(name)s”"),
    "group_led": _("%(town)s leads the group “%(name)s”"),
    "group_no_longer_led": _("%(town)s no longer leads the group “%(name)s”"),
    "admission_asked": _("%(who)s asks to join the group “%(name)s”"),
    "admission_invited": _("%(actor)s invited %(who)s into the group “%(name)s”"),
    "admission_declined": _("%(actor)s declined: %(who)s does not join the group “%(name)s”"),
    "admission_withdrawn": _("%(actor)s took it back: %(who)s does not join the group “%(name)s”"),
    "group_joined": _("%(who)s joined the group “%(name)s”"),
    "group_role_chair": _("%(who)s chairs the group “%(name)s” now"),
    "group_role_minutes": _("%(who)s takes the minutes of the group “%(name)s” now"),
    "group_role_member": _("%(who)s is a member of the group “%(name)s” without a special role now"),
    "group_left": _("%(who)s left the group “%(name)s”"),
    "group_member_removed": _("%(actor)s took %(who)s out of the group “%(name)s”"),
    "group_file_added": _("%(actor)s added the file “%(file)s” to the group “%(name)s”"),
    "group_file_removed": _("%(actor)s removed the file “%(file)s” from the group “%(name)s”"),
}
verbs.register(
    SENTENCES,
    {"group": "/n/{slug}/groups/{pk}/"},
    quiet=[
        "group_edited",
        "admission_asked",
        "admission_invited",
        "admission_declined",
        "admission_withdrawn",
        "group_role_minutes",
        "group_role_member",
        "group_member_removed",
        "group_file_removed",
    ],
    spoken={
        "group_founded": (_("New group: %(name)s"), _("{n} new groups")),
        "admission_asked": (_("%(who)s asks to join “%(name)s”"), _("{n} ask to join")),
        "admission_invited": (_("Invited into the group “%(name)s”: %(who)s"), ""),
        "group_joined": (_("%(who)s joined “%(name)s”"), _("{n} joined")),
        "group_file_added": (_("New file: %(file)s"), _("{n} new files")),
    },
)

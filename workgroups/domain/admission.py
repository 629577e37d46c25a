"""Who belongs to a group: joining by request and by invitation, roles, leaving. The group is locked first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from collab.live.answers import Refused
from collab.live.log import record
from collab.live.regions import region_id
from collab.network.access import need
from collab.network.models import Membership
from workgroups.models import Admission, Group, GroupMembership
from workgroups.queries.admission import admission_with_people, who_runs
from workgroups.rules import group as rules

from .group import inner, locked_group, need_active, recorded

Role = GroupMembership.Role
State = Admission.State


@transaction.atomic
def ask_to_join(*, group: Group, by: Membership, word: str = "") -> Admission:
    """Ask to be let into the group; who was invited is in at once. Asked twice it is asked once."""
    group = locked_group(group.pk)
    if rules.is_group_member(by, group):
        raise Refused(_("You belong to this group already."))
    need(rules.may_ask_to_join(by, group))
    need_active(group)
    if there := _open_admission(group, by):
        return there if there.kind == Admission.Kind.REQUEST else _let_in(there, by)
    kind = Admission.Kind.REQUEST
    admission = Admission.objects.create(group=group, membership=by, kind=kind, word=word, made_by=by)
    return _told(admission, "admission_asked", by)


@transaction.atomic
def invite_to_group(*, group: Group, membership: Membership, by: Membership, word: str = "") -> Admission:
    """Invite somebody into the group; who has asked to join is in at once. Invited twice it is once."""
    group = locked_group(group.pk)
    need(rules.may_run_group(by, group))
    need(membership.network_id == group.network_id and rules.may_read_groups(membership))
    need_active(group)
    if rules.is_group_member(membership, group):
        raise Refused(_("%(who)s belongs to this group already.") % {"who": membership.person})
    if there := _open_admission(group, membership):
        return there if there.kind == Admission.Kind.INVITATION else _let_in(there, by)
    kind = Admission.Kind.INVITATION
    admission = Admission.objects.create(group=group, membership=membership, kind=kind, word=word, made_by=by)
    return _told(admission, "admission_invited", by)


@transaction.atomic
def answer_admission(*, admission: Admission, accept: bool, by: Membership, answer: str = "") -> Admission:
    """Accept or decline a request or an invitation. The same answer twice does nothing more."""
    group, admission = _locked(admission)
    need(rules.may_answer(by, admission))
    wanted = State.ACCEPTED if accept else State.DECLINED
    if admission.state == wanted:
        return admission
    _need_open(admission)
    if accept:
        need_active(group)
        return _let_in(admission, by)
    _settle(admission, State.DECLINED, by, answer)
    return _told(admission, "admission_declined", by, word=answer)


@transaction.atomic
def withdraw_admission(*, admission: Admission, by: Membership) -> Admission:
    """Take back what one asked or whom one invited. Twice does nothing more."""
    _group, admission = _locked(admission)
    need(rules.may_withdraw(by, admission))
    if admission.state == State.WITHDRAWN:
        return admission
    _need_open(admission)
    _settle(admission, State.WITHDRAWN, by)
    return _told(admission, "admission_withdrawn", by)


@transaction.atomic
def set_group_role(*, group: Group, membership: Membership, role: str, by: Membership) -> Group:
    """Give somebody who belongs to the group another role in it. Twice does nothing more."""
    group = locked_group(group.pk)
    need(rules.may_run_group(by, group))
    _need_member(group, membership)
    row = GroupMembership.objects.filter(group=group, membership=membership).first()
    if (row.role if row else Role.MEMBER) == role:
        return group
    # Who belongs to it by office has no row as long as they are a plain member.
    GroupMembership.objects.update_or_create(group=group, membership=membership, defaults={"role": role})
    return _people_changed(group, f"group_role_{role}", membership, by)


@transaction.atomic
def leave_group(*, group: Group, by: Membership) -> Group:
    """Leave the group. Twice does nothing more; who belongs to it by office stays a plain member."""
    group = locked_group(group.pk)
    if not GroupMembership.objects.filter(group=group, membership=by).delete()[0]:
        return group
    return _people_changed(group, "group_left", by, by)


@transaction.atomic
def remove_member(*, group: Group, membership: Membership, by: Membership) -> Group:
    """Take somebody out of the group. Twice does nothing more."""
    group = locked_group(group.pk)
    need(rules.may_run_group(by, group))
    if not GroupMembership.objects.filter(group=group, membership=membership).delete()[0]:
        return group
    return _people_changed(group, "group_member_removed", membership, by)


def _let_in(admission: Admission, by: Membership) -> Admission:
    if admission.membership.ended_on is not None:
        person = admission.membership.person
        raise Refused(_("%(person)s does not belong to this network any more.") % {"person": person})
    _settle(admission, State.ACCEPTED, by)
    group, who = admission.group, admission.membership
    GroupMembership.objects.get_or_create(group=group, membership=who, defaults={"since": timezone.localdate()})
    _people_changed(group, "group_joined", who, by, regions=_doors(admission))
    return admission


def _settle(admission: Admission, state: str, by: Membership, answer: str = "") -> None:
    admission.state, admission.answer, admission.answered_by = state, answer, by
    admission.answered_at = timezone.now()
    admission.save(update_fields=["state", "answer", "answered_by", "answered_at"])


def _told(admission: Admission, verb: str, by: Membership, **params: Any) -> Admission:
    """Record a step on the way in: those who answer see it at home, and the person on the group's page."""
    who = admission.membership
    record(
        admission.group.network,
        verb=verb,
        actor=by,
        obj=admission,
        regions=[
            region_id("group", admission.group_id),
            region_id("group-members", admission.group_id),
            *_doors(admission),
        ],
        params={"name": admission.group.name, "who": str(who), **params},
        # What the group's page offers them is another thing now.
        access=[who.person_id],
    )
    return admission


def _doors(admission: Admission) -> list[str]:
    """Return the regions at home of the person and of those who answer."""
    members = {admission.membership_id, *who_runs(admission.group)}
    return [region_id("admissions", pk) for pk in sorted(members)]


def _people_changed(group: Group, verb: str, who: Membership, by: Membership, regions: Iterable[str] = ()) -> Group:
    # Who takes the minutes is named on the page of the next meeting, and a working group's towns follow its people.
    shown = [*inner(group), *regions]
    return recorded(group=group, verb=verb, by=by, regions=shown, access=[who.person_id], who=str(who))


def _open_admission(group: Group, membership: Membership) -> Admission | None:
    rows = admission_with_people().filter(group=group, membership=membership, state=State.OPEN)
    return rows.first()


def _locked(admission: Admission) -> tuple[Group, Admission]:
    """Return group and admission as they are now, the group locked."""
    group = locked_group(admission.group_id)
    admission = admission_with_people().get(pk=admission.pk)
    admission.group = group
    return group, admission


def _need_open(admission: Admission) -> None:
    if admission.state == State.ACCEPTED:
        raise Refused(_("%(who)s has joined the group meanwhile.") % {"who": admission.membership.person})
    if admission.state == State.DECLINED:
        raise Refused(_("This was declined meanwhile."))
    if admission.state == State.WITHDRAWN:
        raise Refused(_("This was withdrawn meanwhile."))


def _need_member(group: Group, membership: Membership) -> None:
    if membership.is_coordinator or not rules.is_group_member(membership, group):
        raise Refused(_("%(who)s does not belong to this group any more.") % {"who": membership.person})

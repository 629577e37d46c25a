"""Who belongs to a group: ask to join, invite, answer, give roles, leave."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.forms import Form
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST

from collab.live.answers import Refused, ask, attempt, done
from collab.network.access import MemberRequest, member_page, need
from workgroups.domain import admission as domain
from workgroups.forms.group import DeclineForm, GroupRoleForm, InviteForm, JoinForm
from workgroups.models import Admission, Group
from workgroups.queries.admission import admission_state, get_admission_for
from workgroups.queries.group import get_group_for, get_group_member_for, members_of
from workgroups.rules import group as rules

from .group import page_of

FORM = require_http_methods(["GET", "POST"])


@FORM
@member_page
def group_join(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    """Ask the chair to be let in; who was invited is in at once."""
    group, by = get_group_for(request.membership, pk), request.membership
    need(rules.may_ask_to_join(by, group))
    posted = request.POST if request.method == "POST" else None
    is_invited = admission_state(by, group) == "invited"
    return _asked(
        request,
        Form(posted) if is_invited else JoinForm(posted),
        lambda values: domain.ask_to_join(group=group, by=by, **values),
        lambda made: _joined(group) if _is_in(made) else _("The chair was asked. The answer will stand at home."),
        group=group,
        title=_("Accept the invitation") if is_invited else _("Join the group"),
        intro=group.name if is_invited else _("The chair of “%(group)s” decides.") % {"group": group.name},
        submit=pgettext("group", "Join") if is_invited else _("Ask to join"),
        name="join",
        # Who is in now sees parts of the page that were not there.
        go=is_invited and group.is_internal,
    )


@FORM
@member_page
def group_invite(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    group, by = get_group_for(request.membership, pk), request.membership
    need(rules.may_run_group(by, group))
    return _asked(
        request,
        InviteForm(request.POST if request.method == "POST" else None, group=group),
        lambda values: domain.invite_to_group(group=group, by=by, **values),
        lambda made: _joined(group) if _is_in(made) else _("The invitation stands on their home page now."),
        group=group,
        title=_("Invite into the group"),
        intro=group.name,
        submit=_("Invite"),
        name="invite",
    )


@require_POST
@member_page
def admission_accept(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    admission = get_admission_for(request.membership, pk)
    need(rules.may_answer(request.membership, admission))
    return attempt(
        request,
        lambda: domain.answer_admission(admission=admission, accept=True, by=request.membership),
        back=page_of(admission.group),
        message=_joined(admission.group) if admission.kind == Admission.Kind.INVITATION else "",
    )


@FORM
@member_page
def admission_decline(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    admission, by = get_admission_for(request.membership, pk), request.membership
    need(rules.may_answer(by, admission))
    return _asked(
        request,
        DeclineForm(request.POST if request.method == "POST" else None),
        lambda values: domain.answer_admission(admission=admission, accept=False, by=by, **values),
        lambda made: _("Declined."),
        group=admission.group,
        title=_("Decline?"),
        intro=_("%(who)s will not join the group “%(group)s”.")
        % {"who": admission.membership, "group": admission.group.name},
        submit=_("Decline"),
        name=f"decline-{pk}",
    )


@require_POST
@member_page
def admission_withdraw(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    admission = get_admission_for(request.membership, pk)
    need(rules.may_withdraw(request.membership, admission))
    return attempt(
        request,
        lambda: domain.withdraw_admission(admission=admission, by=request.membership),
        back=page_of(admission.group),
    )


@FORM
@member_page
def group_leave(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    group = get_group_for(request.membership, pk)
    need(rules.may_leave(request.membership, group))
    internal = _("You will not see its meetings and files any more.") if group.is_internal else ""
    return _asked(
        request,
        Form(request.POST if request.method == "POST" else None),
        lambda values: domain.leave_group(group=group, by=request.membership),
        lambda made: _("You have left the group “%(group)s”.") % {"group": group.name},
        group=group,
        title=_("Leave the group?"),
        intro=" ".join(text for text in (group.name + ".", internal) if text),
        submit=_("Leave"),
        name="leave",
        danger=True,
        # What can be seen of the page may be another thing now.
        go=True,
    )


@FORM
@member_page
def group_role(request: MemberRequest, slug: str, pk: int, member: int) -> HttpResponse:
    group = get_group_for(request.membership, pk)
    need(rules.may_run_group(request.membership, group))
    who = get_group_member_for(group, member)
    role = next(one.role for one in members_of(group) if one.membership.pk == member)
    return _asked(
        request,
        GroupRoleForm(request.POST if request.method == "POST" else None, initial={"role": role}),
        lambda values: domain.set_group_role(group=group, membership=who, by=request.membership, **values),
        lambda made: "",
        group=group,
        title=_("Role in the group"),
        intro=str(who),
        submit=_("Save"),
        name=f"role-{member}",
    )


@FORM
@member_page
def group_member_remove(request: MemberRequest, slug: str, pk: int, member: int) -> HttpResponse:
    group = get_group_for(request.membership, pk)
    need(rules.may_run_group(request.membership, group))
    who = get_group_member_for(group, member)
    return _asked(
        request,
        Form(request.POST if request.method == "POST" else None),
        lambda values: domain.remove_member(group=group, membership=who, by=request.membership),
        lambda made: "",
        group=group,
        title=_("Take out of the group?"),
        intro=str(who),
        submit=_("Take out"),
        name=f"remove-{member}",
        danger=True,
    )


def _asked(
    request: MemberRequest,
    form: Form,
    change: Callable[[dict[str, Any]], Any],
    message: Callable[[Any], str],
    *,
    group: Group,
    title: str,
    submit: str,
    name: str,
    intro: str = "",
    danger: bool = False,
    go: bool = False,
) -> HttpResponse:
    """Ask for what a change needs and make it; why it cannot be made stands above the form."""
    if form.is_valid():
        try:
            made = change(form.cleaned_data)
            return done(request, message(made), back=page_of(group), go=go)
        except Refused as no:
            form.add_error(None, str(no))
    key = f"group-{group.pk}-{name}"
    return ask(
        request,
        form,
        title=title,
        intro=intro,
        submit=submit,
        back=page_of(group),
        form_id=key,
        draft=key if form.fields else "",
        danger=danger,
        section="groups",
    )


def _is_in(admission: Admission) -> bool:
    return admission.state == Admission.State.ACCEPTED


def _joined(group: Group) -> str:
    return _("Now part of the group “%(group)s”.") % {"group": group.name}

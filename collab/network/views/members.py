"""The members page; changing a role and ending a membership."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from collab.live.answers import Refused, ask, done

from ..access import MemberRequest, member_page, need
from ..domain import membership as domain
from ..forms import EndForm, RoleForm, posted
from ..queries import current_membership, get_membership_for
from ..rules import may_manage, may_see_members


def members_path(request: MemberRequest) -> str:
    return reverse("members", args=[request.membership.network.slug])


@require_GET
@member_page
def members(request: MemberRequest, slug: str) -> HttpResponse:
    need(may_see_members(request.membership))
    context = {
        "network": request.membership.network,
        "section": "members",
        "manages": may_manage(request.membership),
        "demo": settings.DEMO,
    }
    return render(request, "network/members.html", context)


@require_http_methods(["GET", "POST"])
@member_page
def membership_role(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    need(may_manage(request.membership))
    membership = current_membership(get_membership_for(request.membership, pk))
    initial = {
        "role": membership.role,
        "municipality": membership.municipality,
        "organisation": membership.organisation,
        "shown": domain.place(membership),
    }
    form = RoleForm(posted(request), initial=initial, network_id=membership.network_id)
    if request.method == "POST" and form.is_valid():
        try:
            changed = domain.change_role(membership=membership, by=request.membership, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
            # Sent again after reading the sentence, it stands.
            form.data = {**form.data, "shown": domain.place(current_membership(membership))}
        else:
            message = _("%(name)s is now %(role)s.") % {
                "name": changed.person.name,
                "role": changed.get_role_display(),
            }
            # Whoever gives up the coordination must leave with the page that shows its controls.
            return done(
                request, message, back=members_path(request), go=changed.person_id == request.membership.person_id
            )
    return ask(
        request,
        form,
        title=_("Role of %(name)s") % {"name": membership.person.name},
        submit=_("Save role"),
        back=members_path(request),
        form_id="role-form",
        no_optional=True,  # which field is needed depends on the role; the hints say so
        section="members",
    )


@require_http_methods(["GET", "POST"])
@member_page
def membership_end(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    need(may_manage(request.membership))
    membership = get_membership_for(request.membership, pk)
    form = EndForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            domain.end(membership=membership, by=request.membership, reason=form.cleaned_data.get("reason", ""))
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            message = _("The membership of %(name)s has ended.") % {"name": membership.person.name}
            own = membership.pk == request.membership.pk
            return done(request, message, back=reverse("start") if own else members_path(request), go=own)
    return ask(
        request,
        form,
        title=_("End the membership of %(name)s?") % {"name": membership.person.name},
        submit=_("End membership"),
        intro=_(
            "%(name)s will have no access to this network any more. What they did and decided stays, with their name."
        )
        % {"name": membership},
        back=members_path(request),
        form_id="end-form",
        danger=True,
        section="members",
    )

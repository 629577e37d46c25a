"""The coordinator's side of invitations: invite, send again, take back, pass the link on."""

from __future__ import annotations

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from collab.live.answers import Refused, ask, done

from ..access import MemberRequest, member_page, need
from ..domain import invitation as domain
from ..forms import InvitationForm, posted
from ..mail import send_invitation
from ..models import Invitation
from ..queries import get_invitation_for
from ..rules import may_manage
from .members import members_path


@require_http_methods(["GET", "POST"])
@member_page
def invite(request: MemberRequest, slug: str) -> HttpResponse:
    need(may_manage(request.membership))
    form = InvitationForm(posted(request), network_id=request.membership.network_id)
    if request.method == "POST" and form.is_valid():
        try:
            invitation, token = domain.invite(by=request.membership, **form.cleaned_data)
        except Refused as refusal:
            form.add_error("email", str(refusal))
        else:
            return _sent(request, invitation, token)
    return ask(
        request,
        form,
        title=_("Invite a person"),
        submit=_("Send invitation"),
        back=members_path(request),
        form_id="invitation-form",
        no_optional=True,  # which field is needed depends on the role; the hints say so
        draft=f"invitation-{request.membership.network_id}",
        section="members",
    )


@require_http_methods(["GET", "POST"])
@member_page
def invitation_resend(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    invitation = get_invitation_for(request.membership, pk)
    form = forms.Form(posted(request))
    if request.method == "POST":
        try:
            return _sent(request, *domain.renew(invitation=invitation, shown=False, by=request.membership))
        except Refused as refusal:
            form = _with_error(refusal)
    return ask(
        request,
        form,
        title=_("Send the invitation again?"),
        submit=_("Send again"),
        intro=_("%(name)s (%(email)s) receives a new link. The earlier one no longer works.")
        % {"name": invitation.name, "email": invitation.email},
        back=members_path(request),
        form_id="resend-form",
        section="members",
    )


@require_http_methods(["GET", "POST"])
@member_page
def invitation_revoke(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    invitation = get_invitation_for(request.membership, pk)
    form = forms.Form(posted(request))
    if request.method == "POST":
        try:
            domain.revoke(invitation=invitation, by=request.membership)
        except Refused as refusal:
            form = _with_error(refusal)
        else:
            message = _("The invitation of %(name)s is taken back.") % {"name": invitation.name}
            return done(request, message, back=members_path(request))
    return ask(
        request,
        form,
        title=_("Take back the invitation?"),
        submit=_("Take back"),
        intro=_("The link that was sent to %(name)s (%(email)s) no longer works then.")
        % {"name": invitation.name, "email": invitation.email},
        back=members_path(request),
        form_id="revoke-form",
        danger=True,
        section="members",
    )


@require_http_methods(["GET", "POST"])
@never_cache
@member_page
def invitation_link(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    """Offer a link to pass on by other means. It is shown once: only its hash is kept."""
    invitation = get_invitation_for(request.membership, pk)
    context = {"network": request.membership.network, "invitation": invitation, "section": "members"}
    context["mail_failed"] = request.GET.get("mail") == "failed"
    if request.method == "POST":
        try:
            context["invitation"], token = domain.renew(invitation=invitation, shown=True, by=request.membership)
        except Refused as refusal:
            context["refusal"] = str(refusal)
        else:
            context["link"] = link_of(request, token)
    return render(request, "network/invitation_link.html", context)


def link_of(request: MemberRequest, token: str) -> str:
    return request.build_absolute_uri(reverse("invitation", args=[token]))


def _sent(request: MemberRequest, invitation: Invitation, token: str | None) -> HttpResponse:
    sent = _("%(name)s is invited. The e-mail is on its way to %(email)s.") % {
        "name": invitation.name,
        "email": invitation.email,
    }
    # No token: the same form came before, and its mail went out with it.
    if token is None or send_invitation(invitation, link_of(request, token)):
        return done(request, sent, back=members_path(request))
    link_page = reverse("invitation_link", args=[request.membership.network.slug, invitation.pk])
    return done(request, _("The invitation is saved."), back=f"{link_page}?mail=failed", go=True)


def _with_error(refusal: Refused) -> forms.Form:
    form = forms.Form({})
    form.is_valid()
    form.add_error(None, str(refusal))
    return form

"""Signing in; and what demo mode adds: one click per demo account, and the mails it kept."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.views import LoginView
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from ..access import MemberRequest, member_page, need
from ..demo_accounts import DEMO_EMAILS, demo_accounts
from ..queries import demo_mails, find_person
from ..rules import may_manage
from .site import safe_next

MAILS_SHOWN = 100


class SignInView(LoginView):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(demo_accounts=demo_accounts() if settings.DEMO else [], **kwargs)


sign_in = SignInView.as_view()


@require_POST
def demo_sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in as one of the demo accounts; 404 outside demo mode and for any other account."""
    email = request.POST.get("email", "")
    person = find_person(email) if settings.DEMO and email in DEMO_EMAILS else None
    if person is None or not person.is_active:
        raise Http404
    if request.user.is_authenticated:
        get_adapter().logout(request)
    get_adapter().login(request, person)
    return redirect(safe_next(request, "/"))


@require_GET
@member_page
def demo_mail(request: MemberRequest, slug: str) -> HttpResponse:
    """Show the coordinator the mails that demo mode kept instead of sending them."""
    if not settings.DEMO:
        raise Http404
    need(may_manage(request.membership))
    network = request.membership.network
    mails = demo_mails(network.pk)[:MAILS_SHOWN]
    return render(request, "network/demo_mail.html", {"network": network, "mails": mails, "section": "members"})

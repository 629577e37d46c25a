"""The invited person's side: the page behind the link."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from collab.live.answers import Refused

from ..adapter import INVITATION
from ..domain.invitation import accept, open_account, why_closed
from ..forms import JoinForm, posted
from ..models import Invitation, Person
from ..queries import find_invitation, find_membership, find_person, hash_of_token, invitation_of


@require_GET
@never_cache
def invitation(request: Any, token: str) -> HttpResponse:
    """Take the key out of the address, which stands in histories and logs, into the session; only its hash is kept."""
    if find_invitation(token) is None:
        return _unknown(request)
    request.session[INVITATION] = hash_of_token(token)
    return redirect("invitation_page")


# "same-origin" (our Referrer-Policy) tells other sites nothing; "no-referrer" would make browsers send "Origin: null"
# with the form, which the CSRF check refuses.
@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("password1", "password2")
@never_cache
def invitation_page(request: Any) -> HttpResponse:
    """Show the invitation and accept it: as the signed-in person it is for, or with a new account.

    Who came by a link that was shown to somebody else than the person invited must prove the mailbox first: no
    password is set here, nobody is signed in, and the page is the same whether there is an account or not.
    """
    found = invitation_of(request.session.get(INVITATION, ""))
    if found is None:
        return _unknown(request)
    if why := why_closed(found):
        return _closed(request, found, why)
    account = find_person(found.email)
    if request.method == "POST" and account and not _may_accept(request, account):
        # The account may be as young as the answer to the same form sent from another window: then that is the reason.
        found.refresh_from_db(fields=["accepted_at", "revoked_at", "expires_at"])
        if why := why_closed(found):
            return _closed(request, found, why)
    if found.link_shown and not request.user.is_authenticated:
        return _prove_the_mailbox(request, found)
    form = None
    if account is None and not request.user.is_authenticated:
        form = JoinForm(posted(request), person=Person(email=found.email, name=found.name))
    if request.method == "POST" and _may_accept(request, account) and (form is None or form.is_valid()):
        try:
            password = form.cleaned_data.get("password1", "") if form else ""
            member = accept(invitation=found, person=account, password=password)
        except Refused as refusal:
            return _closed(request, found, str(refusal))
        if not request.user.is_authenticated:
            get_adapter().login(request, member.person)
        return redirect("home", member.network.slug)
    return _page(request, found, account, form)


def _prove_the_mailbox(request: Any, found: Invitation) -> HttpResponse:
    if request.method == "GET":
        return _page(request, found, None, None)
    try:
        open_account(invitation=found)
    except Refused as refusal:
        return _closed(request, found, str(refusal))
    return redirect(f"{reverse('account_request_login_code')}?{urlencode({'next': reverse('invitation_page')})}")


def _may_accept(request: Any, account: Person | None) -> bool:
    """Return whether whoever sits there may accept: nobody is signed in and none has an account, or it is theirs."""
    if request.user.is_authenticated:
        return account is not None and account.pk == request.user.pk
    return account is None


def _page(request: Any, found: Invitation, account: Person | None, form: JoinForm | None) -> HttpResponse:
    context = {
        "invitation": found,
        "network": found.network,
        "form": form,
        "is_mine": account is not None and account.pk == request.user.pk,
        "sign_in": f"{reverse('account_login')}?{urlencode({'next': request.path})}",
    }
    wrong_person = request.method == "POST" and not _may_accept(request, account)
    status = 403 if wrong_person else 422 if form is not None and form.is_bound and form.errors else 200
    return render(request, "network/invitation.html", context, status=status)


def _unknown(request: Any) -> HttpResponse:
    return render(request, "network/invitation_closed.html", status=404)


def _closed(request: Any, found: Invitation, why: str) -> HttpResponse:
    """Say why the invitation cannot be used (410); lead its own person home where they are a member already."""
    mine = request.user.is_authenticated and request.user.email.lower() == found.email.lower()
    if mine and find_membership(request.user, found.network.slug):
        return redirect("home", found.network.slug)
    return render(request, "network/invitation_closed.html", {"why": why, "network": found.network}, status=410)

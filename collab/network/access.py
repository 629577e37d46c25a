"""The door of every page of a network: signed in, a member, of a fitting role."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from datetime import date
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils import timezone

from collab.live.log import version_of
from collab.live.once import reading_once

from .domain.exit import carry_out_due_exits
from .models import Membership
from .queries import memberships_of

View = Callable[..., HttpResponseBase]


class MemberRequest(HttpRequest):
    """A request that came through `member_page`."""

    membership: Membership
    memberships: list[Membership]
    live_version: int
    today: date


def member_page(view: View) -> View:
    """Let only members of the network `slug` in; everyone else gets the sign-in page or a 404 that tells nothing.

    Reads the log's version before anything else, so that a page is never older than it says it is.
    """

    @login_required
    @wraps(view)
    def guarded(request: Any, slug: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
        request.today = timezone.localdate()
        request.membership = _enter(request, slug)
        request.live_version = version_of(request.membership.network_id)
        # What the regions of a page have in common is read once; a change must see what it has written.
        with reading_once() if request.method == "GET" else nullcontext():
            response = view(request, slug, *args, **kwargs)
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-store"
        return response

    guarded.is_member_page = True  # type: ignore[attr-defined]
    return guarded


def _enter(request: Any, slug: str) -> Membership:
    """Return the person's membership in the network of that slug; 404 where there is none (any more)."""
    request.memberships = list(memberships_of(request.user))
    membership = next((m for m in request.memberships if m.network.slug == slug), None)
    if membership is None:
        raise Http404
    carry_out_due_exits(membership.network_id, request.today)
    return membership


def need(allowed: bool) -> None:
    """Raise PermissionDenied unless the rule just asked said yes."""
    if not allowed:
        raise PermissionDenied

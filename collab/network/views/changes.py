"""Everything that changed in the network, page by page."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from collab.live import verbs
from collab.live.log import feed

from ..access import MemberRequest, member_page
from ..domain.visit import note_visit
from ..rules import may_see_members

PAGE_SIZE = 50


@require_GET
@member_page
def changes(request: MemberRequest, slug: str) -> HttpResponse:
    """Show the network's changes, the newest first; guests are not told that there is such a page."""
    membership = request.membership
    if not may_see_members(membership):
        raise Http404
    told = feed(membership.network_id, None).filter(verb__in=verbs.known())
    page = Paginator(told, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "network": membership.network,
        "section": "home",
        "page": page,
        "entries": [(change, verbs.address(change, slug)) for change in page],
        "last_visit": note_visit(membership),
    }
    return render(request, "network/changes.html", context)

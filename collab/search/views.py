"""The page of what was found."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from collab.network.access import MemberRequest, member_page

from .kinds import all_kinds
from .queries import find, question_of


@require_safe
@member_page
def search(request: MemberRequest, slug: str) -> HttpResponse:
    if request.membership.is_guest:
        raise Http404
    text = question_of(request.GET.get("q", ""))
    chosen = next((kind for kind in all_kinds() if kind.name == request.GET.get("kind")), None)
    page = request.GET.get("page", "")
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 9 else 1
    found = find(request.membership, text, kind=chosen.name if chosen else "", page=number)
    context = {
        "network": request.membership.network,
        "section": "search",
        "question": text,
        "found": found,
        "chosen": chosen,
        "tabs": [(kind, found.counts[kind.name]) for kind in all_kinds() if found.counts.get(kind.name)],
        "query": f"{urlencode({'q': text, 'kind': chosen.name})}&" if chosen else "",
    }
    return render(request, "search/search.html", context)

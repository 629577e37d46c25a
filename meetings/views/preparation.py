"""The page on which chair and minute-taker prepare a meeting."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from collab.network.access import MemberRequest, member_page, need
from meetings import rules
from meetings.queries.agenda import get_meeting_for


@require_safe
@member_page
def show(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    """What is late, due and waiting; guests do not learn that there is such a page."""
    meeting, role = get_meeting_for(request.membership, pk)
    if request.membership.is_guest:
        raise Http404
    need(rules.may_write(role))
    context = {"section": "meetings", "network": meeting.network, "meeting": meeting}
    return render(request, "meetings/preparation.html", context)

"""Decisions and meetings as files: the same people, rights and filters as the pages that list them."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from collab.network.access import MemberRequest, member_page
from meetings.fragments.series import year_of
from meetings.queries.decisions import DecisionFilter
from meetings.queries.export import decision_table, meeting_table
from workgroups.rules import may_read_log
from workgroups.views.export import as_file


@require_safe
@member_page
def decisions(request: MemberRequest, slug: str, ending: str) -> HttpResponse:
    if not may_read_log(request.membership):
        raise Http404
    wanted = DecisionFilter.parse(request.GET)
    return as_file(lambda: decision_table(request.membership.network_id, wanted), ending)


@require_safe
@member_page
def meetings(request: MemberRequest, slug: str, ending: str) -> HttpResponse:
    """The meetings to come, or with `?year=2025` those of a year that are over."""
    if not may_read_log(request.membership):
        raise Http404
    year = year_of(f"year={request.GET.get('year', '')}")
    return as_file(lambda: meeting_table(request.membership, year, request.today), ending)

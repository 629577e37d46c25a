"""Decisions, votes, minutes and meetings as files: the same people, rights and filters as the pages that list them."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from collab.network.access import MemberRequest, member_page
from collab.network.models import Membership
from meetings.fragments.series import year_of
from meetings.models import Vote
from meetings.queries.circular import VoteFilter
from meetings.queries.decisions import DecisionFilter, get_decision_for
from meetings.queries.export import meeting_table
from meetings.queries.export_decisions import adoption_table, adoptions_table, decision_table, tracking_table
from meetings.queries.export_votes import circular_table, minutes_table, voice_table
from meetings.queries.minutes_list import MinutesFilter
from meetings.queries.vote import get_vote_for
from workgroups.rules import may_read_log
from workgroups.views.export import as_file


@require_safe
@member_page
def decisions(request: MemberRequest, slug: str, ending: str) -> HttpResponse:
    member, wanted = _reader(request), DecisionFilter.parse(request.GET)
    return as_file(lambda: decision_table(member, wanted), ending)


@require_safe
@member_page
def adoptions(request: MemberRequest, slug: str, ending: str) -> HttpResponse:
    member, wanted = _reader(request), DecisionFilter.parse(request.GET)
    return as_file(lambda: adoptions_table(member, wanted), ending)


@require_safe
@member_page
def adoptions_of_decision(request: MemberRequest, slug: str, reference: str, ending: str) -> HttpResponse:
    decision = get_decision_for(_reader(request), reference)
    return as_file(lambda: adoption_table(request.membership, decision), ending)


@require_safe
@member_page
def tracking(request: MemberRequest, slug: str, ending: str) -> HttpResponse:
    member, wanted = _reader(request), DecisionFilter.parse(request.GET)
    return as_file(lambda: tracking_table(member, wanted), ending)


@require_safe
@member_page
def voices(request: MemberRequest, slug: str, pk: int, ending: str) -> HttpResponse:
    """The voices of a vote that is over; 404 as long as it is open."""
    vote, _role = get_vote_for(request.membership, pk)
    if vote.state != Vote.State.CLOSED:
        raise Http404
    return as_file(lambda: voice_table(vote), ending)


@require_safe
@member_page
def circulars(request: MemberRequest, slug: str, ending: str) -> HttpResponse:
    member, wanted = _reader(request), VoteFilter.parse(request.GET)
    return as_file(lambda: circular_table(member, wanted), ending)


@require_safe
@member_page
def minutes(request: MemberRequest, slug: str, ending: str) -> HttpResponse:
    member, wanted = _reader(request), MinutesFilter.parse(request.GET)
    return as_file(lambda: minutes_table(member, wanted), ending)


@require_safe
@member_page
def meetings(request: MemberRequest, slug: str, ending: str) -> HttpResponse:
    """The meetings to come, or with `?year=2025` those of a year that are over."""
    member, year = _reader(request), year_of(f"year={request.GET.get('year', '')}")
    return as_file(lambda: meeting_table(member, year, request.today), ending)


def _reader(request: MemberRequest) -> Membership:
    """Return the member who reads the network's logs; guests are not told that there are any."""
    if not may_read_log(request.membership):
        raise Http404
    return request.membership

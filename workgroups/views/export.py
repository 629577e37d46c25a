"""Lists as files: the same people, rights and filters as the page that shows the list."""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from collab.network.access import MemberRequest, member_page, need
from collab.network.rules import may_see_members
from workgroups import rules
from workgroups.queries.action_item import ActionFilter
from workgroups.queries.board import BoardFilter
from workgroups.queries.coverage import NETWORK_TABS, TOWN_TABS, CoverageFilter
from workgroups.queries.export import action_table, member_table
from workgroups.queries.export_projects import board_table, coverage_table, group_table, question_table
from workgroups.queries.question import QuestionFilter
from workgroups.queries.services import accession_for
from workgroups.tables import ENDINGS, Table, to_csv, to_xlsx


def as_file(make: Callable[[], Table], ending: str) -> HttpResponse:
    """Answer with a table as a file to keep; 404 for an ending that there is not."""
    if ending not in ENDINGS:
        raise Http404
    table = make()
    content = to_xlsx(table) if ending == "xlsx" else to_csv(table)
    name = f"{table.name} {timezone.localdate().isoformat()}.{ending}".replace("/", "-")
    headers = {"Content-Disposition": content_disposition_header(True, name) or "attachment"}
    return HttpResponse(content, content_type=ENDINGS[ending], headers=headers)


@require_safe
@member_page
def actions(request: MemberRequest, slug: str, ending: str) -> HttpResponse:
    if not rules.may_read_log(request.membership):
        raise Http404
    wanted = ActionFilter.parse(request.GET)
    return as_file(lambda: action_table(request.membership.network_id, wanted), ending)


@require_safe
@member_page
def members(request: MemberRequest, slug: str, ending: str) -> HttpResponse:
    need(may_see_members(request.membership))
    return as_file(lambda: member_table(request.membership.network_id, request.today), ending)


@require_safe
@member_page
def board(request: MemberRequest, slug: str, ending: str) -> HttpResponse:
    network_id, wanted = _network_of_reader(request), BoardFilter.parse(request.GET)
    return as_file(lambda: board_table(network_id, wanted), ending)


@require_safe
@member_page
def coverage(request: MemberRequest, slug: str, ending: str) -> HttpResponse:
    """The network's services, or with `?town=` those of one town as its people and the coordinator see them."""
    network_id = _network_of_reader(request)
    accession = accession_for(request.membership, request.GET.get("town", "")[:8])
    wanted = CoverageFilter.parse(request.GET, TOWN_TABS if accession else NETWORK_TABS)
    return as_file(lambda: coverage_table(network_id, wanted, accession.municipality if accession else None), ending)


@require_safe
@member_page
def questions(request: MemberRequest, slug: str, ending: str) -> HttpResponse:
    network_id, wanted = _network_of_reader(request), QuestionFilter.parse(request.GET)
    return as_file(lambda: question_table(network_id, wanted), ending)


@require_safe
@member_page
def groups(request: MemberRequest, slug: str, ending: str) -> HttpResponse:
    if not rules.may_read_groups(request.membership):
        raise Http404
    return as_file(lambda: group_table(request.membership.network_id), ending)


def _network_of_reader(request: MemberRequest) -> int:
    """Return the network of a member who reads its projects; guests are not told that there are any."""
    if not rules.may_read_projects(request.membership):
        raise Http404
    return request.membership.network_id

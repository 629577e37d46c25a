"""The board: which town does what."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from collab.network.access import MemberRequest, member_page
from workgroups import rules
from workgroups.forms.board import BoardFilterForm
from workgroups.models import Involvement
from workgroups.queries.board import BoardFilter


@require_safe
@member_page
def board(request: MemberRequest, slug: str) -> HttpResponse:
    by = request.membership
    if not rules.may_read_projects(by):
        raise Http404
    wanted = BoardFilter.parse(request.GET)
    context = {
        "network": by.network,
        "section": "projects",
        "wanted": wanted,
        "filter": BoardFilterForm(by.network_id, wanted),
        "may_add": rules.may_add_project(by),
        "roles": [(role.value, role.label) for role in Involvement.Role],
    }
    return render(request, "workgroups/board.html", context)

"""What a mayor looks for on one page: decisions, the own town's part in them, who does what, the next dates."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from collab.network.access import MemberRequest, member_page
from collab.network.domain.visit import note_visit
from collab.network.queries import active_towns
from meetings.fragments.overview import variant_of
from meetings.queries.overview import accession_of, new_since
from meetings.queries.visibility import groups_inside
from workgroups.queries.texts import municipality_key
from workgroups.rules import may_read_log


@require_safe
@member_page
def overview(request: MemberRequest, slug: str) -> HttpResponse:
    """The page of the own town, or of another one of the network that the address names."""
    if not may_read_log(request.membership):
        raise Http404
    return overview_page(request, ags=request.GET.get("town", ""))


def overview_page(request: MemberRequest, *, ags: str = "", is_home: bool = False) -> HttpResponse:
    """Return the page of the town with that key, of the own one where none is named; 404 where it is no member."""
    membership, network = request.membership, request.membership.network
    own = accession_of(network.pk, membership.municipality_id or "", request.today)
    accession = accession_of(network.pk, municipality_key(ags), request.today) if ags else own
    if ags and accession is None:
        raise Http404
    last_visit = note_visit(membership)
    context = {
        "network": network,
        "section": "home",
        "is_home": is_home,
        "own": own,
        "accession": accession,
        "town": accession.municipality if accession else None,
        "variant": variant_of(accession.municipality_id) if accession else "",
        "towns": active_towns(network.pk, request.today),
        "last_visit": last_visit,
        "new_decisions": new_since(network.pk, groups_inside(membership), last_visit),
    }
    return render(request, "meetings/overview.html", context)

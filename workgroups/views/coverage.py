"""How far the OZG services are: the list of all of them, one of them, and what a town says of it."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from collab.live.answers import Refused, Stale, ask, done
from collab.network.access import MemberRequest, member_page, need
from workgroups import rules
from workgroups.domain.service import say_state, take_back_state
from workgroups.forms.coverage import CoverageFilterForm, StateForm, TakeBackForm
from workgroups.queries.coverage import NETWORK_TABS, TOWN_TABS, CoverageFilter
from workgroups.queries.services import accession_for, get_service_for, levels_of_town, state_of_town, towns_of


@require_safe
@member_page
def coverage(request: MemberRequest, slug: str) -> HttpResponse:
    member = request.membership
    if not rules.may_read_projects(member):
        raise Http404
    accession = accession_for(member, request.GET.get("town", "")[:8])
    wanted = CoverageFilter.parse(request.GET, TOWN_TABS if accession else NETWORK_TABS)
    towns = towns_of(member.network_id) if member.is_coordinator else []
    town = accession.municipality_id if accession else ""
    context = {
        "network": member.network,
        "section": "projects",
        "accession": accession,
        "wanted": wanted,
        "filter": CoverageFilterForm(wanted, town=town, towns=towns),
    }
    return render(request, "workgroups/coverage.html", context)


@require_safe
@member_page
def service(request: MemberRequest, slug: str, ozg_id: int) -> HttpResponse:
    member = request.membership
    context = {
        "network": member.network,
        "section": "projects",
        "service": get_service_for(member, ozg_id),
        "town": member.municipality,
        "may_say": rules.may_work_for(member, [member.municipality_id]),
        "may_add": rules.may_add_project(member),
    }
    return render(request, "workgroups/service.html", context)


@require_http_methods(["GET", "POST"])
@member_page
def service_state(request: MemberRequest, slug: str, ozg_id: int) -> HttpResponse:
    """A town's own people say how far the service is in their town."""
    by = request.membership
    found = get_service_for(by, ozg_id)
    need(rules.may_work_for(by, [by.municipality_id]))
    status = state_of_town(by.network_id, by.municipality_id, ozg_id)
    derived = levels_of_town(by.network_id, by.municipality_id or "").get(ozg_id)
    data = request.POST if request.method == "POST" else None
    form = StateForm(data, network_id=by.network_id, ozg_id=ozg_id, status=status, derived=derived)
    stale, back = None, reverse("service", args=[slug, ozg_id])
    if form.is_valid():
        try:
            say_state(service=found, by=by, **form.cleaned_data)
            return done(request, _("Saved."), back=back)
        except Refused as why:
            form.add_error(None, str(why))
        except Stale as conflict:
            stale = conflict
    return ask(
        request,
        form,
        section="projects",
        title=_("How far is %(town)s?") % {"town": by.municipality.short_name if by.municipality else ""},
        intro=found.name,
        submit=_("Save"),
        back=back,
        form_id=f"service-{ozg_id}-form",
        draft=f"service-{slug}-{ozg_id}",
        stale=stale,
    )


@require_http_methods(["GET", "POST"])
@member_page
def service_state_withdraw(request: MemberRequest, slug: str, ozg_id: int) -> HttpResponse:
    """A town's own people withdraw what they said; its projects speak again."""
    by = request.membership
    found = get_service_for(by, ozg_id)
    need(rules.may_work_for(by, [by.municipality_id]))
    status = state_of_town(by.network_id, by.municipality_id, ozg_id)
    data = request.POST if request.method == "POST" else None
    form = TakeBackForm(data, initial={"version": status.version if status else 0})
    stale, back = None, reverse("service", args=[slug, ozg_id])
    if form.is_valid():
        try:
            take_back_state(service=found, by=by, **form.cleaned_data)
            return done(request, _("The statement was withdrawn."), back=back)
        except Refused as why:
            form.add_error(None, str(why))
        except Stale as conflict:
            stale = conflict
            form.add_error(None, _("Somebody of your municipality has just changed it. Look at it again first."))
    return ask(
        request,
        form,
        section="projects",
        title=_("Withdraw the statement"),
        intro=_("What follows from your projects in operation counts again."),
        submit=_("Withdraw"),
        back=back,
        form_id=f"service-{ozg_id}-withdraw",
        danger=True,
        stale=stale,
    )

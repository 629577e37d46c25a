"""Experience handed on: the report of a project's lead, and the checklists of the towns that reuse it."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from collab.live.answers import Refused, Stale, ask, attempt, done, refused
from collab.network.access import MemberRequest, member_page, need
from workgroups import rules
from workgroups.domain.experience import write_report
from workgroups.domain.reuse import (
    add_missing_steps,
    add_steps,
    begin_reuse,
    remove_step,
    save_reuse,
    tick_step,
)
from workgroups.forms.experience import ReportForm, ReuseForm, StepsForm
from workgroups.models import Reuse, ReuseStep
from workgroups.queries.experience import (
    get_report_for,
    get_reuse_for,
    get_step_for,
    leading_town,
    newest_report,
    own_part,
)
from workgroups.queries.project import get_project_for

FORM = require_http_methods(["GET", "POST"])


@FORM
@member_page
def experience_edit(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    """The lead's people write the report, each time a new version."""
    project, by = get_project_for(request.membership, pk), request.membership
    lead = leading_town(pk)
    need(rules.may_work_for(by, [lead.pk] if lead else []))
    form = ReportForm(request.POST if request.method == "POST" else None, report=newest_report(pk))
    stale, back = None, reverse("project", args=[slug, pk])
    if form.is_valid():
        try:
            write_report(project=project, by=by, **form.cleaned_data)
            return done(request, _("The experience report is saved."), back=back, go=True)
        except Refused as why:
            form.add_error(None, str(why))
        except Stale as conflict:
            stale = conflict
    return ask(
        request,
        form,
        section="projects",
        title=_("Experience report"),
        intro=_("%(project)s: what you learned, for those who come after you.") % {"project": project.title},
        submit=_("Save"),
        back=back,
        form_id=f"experience-{pk}-form",
        draft=f"experience-{pk}",
        stale=stale,
    )


@require_safe
@member_page
def experience_version(request: MemberRequest, slug: str, pk: int, number: int) -> HttpResponse:
    report = get_report_for(request.membership, pk, number)
    newest = newest_report(pk)
    context = {
        "network": request.membership.network,
        "section": "projects",
        "project": report.project,
        "report": report,
        "is_newest": newest is not None and newest.number == number,
    }
    return render(request, "workgroups/experience_version.html", context)


@require_POST
@member_page
def reuse_begin(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    """The own town's checklist for a project it reuses; leads there."""
    project = get_project_for(request.membership, pk)
    part = own_part(request.membership, project.pk)
    if part is None or not rules.may_work_for(request.membership, [part.municipality_id]):
        raise PermissionDenied
    try:
        reuse = begin_reuse(involvement=part, by=request.membership)
    except Refused as no:
        return refused(request, str(no), back=reverse("project", args=[slug, pk]))
    return done(request, _("The checklist is ready."), back=reverse("reuse", args=[slug, reuse.pk]), go=True)


@require_safe
@member_page
def reuse(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    found = get_reuse_for(request.membership, pk)
    part = found.involvement
    context = {
        "network": request.membership.network,
        "section": "projects",
        "reuse": found,
        "project": part.project,
        "town": part.municipality,
    }
    return render(request, "workgroups/reuse.html", context)


@FORM
@member_page
def reuse_edit(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    found = _own_reuse(request, pk)
    form = ReuseForm(request.POST if request.method == "POST" else None, reuse=found)
    stale, back = None, _address(slug, found)
    if form.is_valid():
        try:
            save_reuse(reuse=found, by=request.membership, **form.cleaned_data)
            return done(request, _("Saved."), back=back)
        except Refused as why:
            form.add_error(None, str(why))
        except Stale as conflict:
            stale = conflict
    key = f"reuse-{pk}"
    return ask(
        request,
        form,
        section="projects",
        title=_("How far is it?"),
        intro=found.involvement.project.title,
        submit=_("Save"),
        back=back,
        form_id=f"{key}-form",
        draft=key,
        stale=stale,
    )


@FORM
@member_page
def reuse_step_add(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    found = _own_reuse(request, pk)
    form = StepsForm(request.POST if request.method == "POST" else None)
    back = _address(slug, found)
    if form.is_valid():
        try:
            add_steps(reuse=found, lines=form.cleaned_data["lines"], by=request.membership)
            return done(request, "", back=back)
        except Refused as why:
            form.add_error(None, str(why))
    key = f"reuse-{pk}-steps"
    return ask(
        request,
        form,
        section="projects",
        title=_("Own steps"),
        submit=_("Add"),
        back=back,
        form_id=f"{key}-form",
        draft=key,
    )


@require_POST
@member_page
def reuse_fill(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    """Take over what the newest report asks for in addition."""
    found = _own_reuse(request, pk)
    return attempt(request, lambda: add_missing_steps(reuse=found, by=request.membership), back=_address(slug, found))


@require_POST
@member_page
def reuse_step(request: MemberRequest, slug: str, pk: int, step: int) -> HttpResponse:
    """Tick a line of the checklist (`done=1`), or open it again (`done=0`)."""
    is_done = request.POST.get("done") == "1"
    return _with_step(request, slug, pk, step, lambda it: tick_step(step=it, is_done=is_done, by=request.membership))


@require_POST
@member_page
def reuse_step_remove(request: MemberRequest, slug: str, pk: int, step: int) -> HttpResponse:
    """Take a line off the checklist (`removed=1`), or put it back (`removed=0`)."""
    gone = request.POST.get("removed") == "1"
    return _with_step(request, slug, pk, step, lambda it: remove_step(step=it, is_removed=gone, by=request.membership))


def _with_step(
    request: MemberRequest, slug: str, pk: int, step: int, change: Callable[[ReuseStep], object]
) -> HttpResponse:
    found = _own_reuse(request, pk)
    line = get_step_for(request.membership, pk, step)
    return attempt(request, lambda: change(line), back=_address(slug, found))


def _own_reuse(request: MemberRequest, pk: int) -> Reuse:
    """Return the reuse; 404 where this member may not see it, 403 where it is another town's."""
    found = get_reuse_for(request.membership, pk)
    need(rules.may_work_for(request.membership, [found.involvement.municipality_id]))
    return found


def _address(slug: str, found: Reuse) -> str:
    return reverse("reuse", args=[slug, found.pk])

"""Pages of projects: the profile, the forms that write it part by part, its phases and files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.forms import BaseForm, Form
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from collab.files import send_file
from collab.live.answers import Refused, Stale, ask, attempt, done
from collab.network.access import MemberRequest, member_page, need
from collab.network.models import Membership
from workgroups import licences, ozg, rules
from workgroups.domain import files
from workgroups.domain.project import add_block, add_project, change_phase, save_part
from workgroups.forms.project import PART_FORMS, BlockForm, PhaseForm, ProjectFileForm, ProjectForm
from workgroups.fragments.project import PART_NAMES
from workgroups.models import Project
from workgroups.queries.project import PARTS, editor_towns, get_project_file_for, get_project_for
from workgroups.queries.texts import whole_number

FORM = require_http_methods(["GET", "POST"])
# As the profile calls them; some forms hold a little more.
PART_TITLES = {
    **PART_NAMES,
    "basics": gettext_lazy("What it is about"),
    "services": gettext_lazy("Online services and maturity"),
    "contact": gettext_lazy("Contact and next review"),
    "links": gettext_lazy("Links"),
}
# What the forms of some parts need around their fields.
TEMPLATES = {"services": "workgroups/project_services_form.html", "product": "workgroups/project_product_form.html"}
MOST_HITS = 20


def _to(project: Project, slug: str) -> str:
    return reverse("project", args=[slug, project.pk])


def _posted(request: MemberRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _may_edit(request: MemberRequest, project: Project) -> bool:
    return rules.may_edit_project(request.membership, editor_towns(project))


@require_safe
@member_page
def project(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    project = get_project_for(request.membership, pk)
    context = {"network": request.membership.network, "section": "projects", "project": project}
    return render(request, "workgroups/project.html", context)


@FORM
@member_page
def project_add(request: MemberRequest, slug: str) -> HttpResponse:
    by = request.membership
    if not rules.may_read_projects(by):
        raise Http404
    need(rules.may_add_project(by))
    form = ProjectForm(_posted(request), by=by, initial=_asked(request))
    if form.is_valid():
        try:
            values = _with_new_block(form.cleaned_data, by)
            added = add_project(network=by.network, by=by, **values)
            return done(request, _("The project was entered."), back=_to(added, slug), go=True)
        except Refused as no:
            form.add_error(None, str(no))
    return ask(
        request,
        form,
        title=_("New project"),
        submit=_("Enter the project"),
        intro=_("The title is enough to begin with. Everything else can be added as one learns."),
        back=reverse("home", args=[slug]),
        form_id="project-form",
        draft=f"project-add-{slug}",
        template="workgroups/project_services_form.html",
        section="projects",
    )


def _asked(request: MemberRequest) -> dict[str, Any]:
    """Return what a link to the form has chosen already: an OZG service, a group, a topic block."""
    service, group = (whole_number(request.GET.get(name, "")) for name in ("service", "group"))
    block = request.GET.get("block", "")
    return {"services": [service] if service in ozg.catalogue() else [], "group": group, "block": block}


def _with_new_block(values: dict[str, Any], by: Membership) -> dict[str, Any]:
    """Return the values with the block that the coordinator has just named."""
    if name := values.pop("new_block", ""):
        values["block"] = add_block(network=by.network, name=name, by=by)
        values["block"] = getattr(values["block"], "code", values["block"])
    return values


@FORM
@member_page
def project_part(request: MemberRequest, slug: str, pk: int, part: str) -> HttpResponse:
    project = get_project_for(request.membership, pk)
    if part not in PARTS:
        raise Http404
    need(_may_edit(request, project))
    by = request.membership
    form = PART_FORMS[part](_posted(request), project=project, by=by)

    def save() -> Project:
        values = _with_new_block(dict(form.cleaned_data), by)
        version = values.pop("version")
        return save_part(project=project, part=part, values=values, version=version, by=by)

    template = TEMPLATES.get(part, "forms/form.html")
    return _change(request, form, save, project, PART_TITLES[part], _("The profile was saved."), part, template)


@FORM
@member_page
def project_phase(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    project = get_project_for(request.membership, pk)
    need(_may_edit(request, project))
    form = PhaseForm(_posted(request), project=project)

    def save() -> Project:
        return change_phase(project=project, by=request.membership, **form.cleaned_data)

    return _change(request, form, save, project, _("Change the phase"), _("The phase was entered."), "phase")


def _change(
    request: MemberRequest,
    form: BaseForm,
    save: Callable[[], Project],
    project: Project,
    title: Any,
    message: str,
    name: str,
    template: str = "forms/form.html",
) -> HttpResponse:
    """Ask for a change of a project and make it; a conflict comes back with both texts."""
    slug, stale = request.membership.network.slug, None
    if form.is_valid():
        try:
            save()
            return done(request, message, back=_to(project, slug))
        except Refused as no:
            form.add_error(None, str(no))
        except Stale as conflict:
            stale = conflict
    return ask(
        request,
        form,
        title=title,
        intro=project.title,
        submit=_("Save"),
        back=_to(project, slug),
        form_id=f"project-{name}-form",
        draft=f"project-{project.pk}-{name}",
        stale=stale,
        template=template,
        section="projects",
        licences=licences.SUGGESTED,
    )


@FORM
@member_page
def block_add(request: MemberRequest, slug: str) -> HttpResponse:
    by = request.membership
    if not rules.may_read_projects(by):
        raise Http404
    need(rules.may_add_block(by))
    form = BlockForm(_posted(request))
    back = reverse("home", args=[slug])
    if form.is_valid():
        try:
            add_block(network=by.network, by=by, **form.cleaned_data)
            return done(request, _("The topic block can be chosen now."), back=back)
        except Refused as no:
            form.add_error(None, str(no))
    return ask(request, form, title=_("New topic block"), submit=_("Add"), back=back, form_id="block-form")


@require_GET
@member_page
def service_find(request: MemberRequest, slug: str) -> HttpResponse:
    """Search the OZG catalogue: a list for the form beside it, or a page of its own."""
    if not rules.may_read_projects(request.membership):
        raise Http404
    text = " ".join(request.GET.get("q", "").replace("\0", " ").split())[:100]
    context = {
        "network": request.membership.network,
        "section": "projects",
        "q": text,
        "services": ozg.find(text, MOST_HITS),
        "most": MOST_HITS,
    }
    is_part = request.headers.get("HX-Request") == "true"
    page = "workgroups/fragments/service_hits.html" if is_part else "workgroups/service_find.html"
    return render(request, page, context)


@FORM
@member_page
def project_attach(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    project = get_project_for(request.membership, pk)
    need(_may_edit(request, project))
    form = ProjectFileForm(_posted(request), request.FILES or None)
    if form.is_valid():
        try:
            files.attach_file(project=project, upload=form.cleaned_data["file"], by=request.membership)
            return done(request, _("The file was attached."), back=_to(project, slug))
        except Refused as no:
            form.add_error(None, str(no))
    return ask(
        request,
        form,
        title=_("Attach a file"),
        submit=_("Attach"),
        intro=project.title,
        back=_to(project, slug),
        form_id="project-file-form",
    )


@require_GET
@member_page
def project_file(request: MemberRequest, slug: str, pk: int) -> FileResponse:
    file = get_project_file_for(request.membership, pk)
    return send_file(file.file, file.name, file.content_type)


@FORM
@member_page
def project_file_remove(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    file = get_project_file_for(request.membership, pk)
    is_its_own = file.project is not None and rules.may_remove_file(request.membership, file)
    if file.project is None or not is_its_own or not _may_edit(request, file.project):
        raise PermissionDenied
    if request.method == "GET":
        return ask(
            request,
            Form(),
            section="projects",
            title=_("Remove this file?"),
            submit=_("Remove"),
            intro=_("“%(name)s” disappears from the project’s page.") % {"name": file.name},
            back=_to(file.project, slug),
            form_id=f"file-{pk}-remove-form",
            danger=True,
        )
    return attempt(
        request,
        lambda: files.remove_file(file=file, by=request.membership),
        back=_to(file.project, slug),
        message=_("The file was removed."),
    )

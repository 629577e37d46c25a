"""Pages of groups: the list, one group, and the forms that change it."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from collab.files import send_file
from collab.live.answers import Refused, Stale, ask, attempt, done
from collab.network.access import MemberRequest, member_page, need
from collab.network.models import Membership
from workgroups.domain import group as domain
from workgroups.domain.group_files import attach_group_file, remove_group_file
from workgroups.forms.group import CloseGroupForm, EditGroupForm, GroupFileForm, GroupForm
from workgroups.models import Group
from workgroups.queries.group import get_group_file_for, get_group_for, get_group_inside_for
from workgroups.rules import group as rules
from workgroups.rules import may_see_inside

FORM = require_http_methods(["GET", "POST"])


def page_of(group: Group) -> str:
    return reverse("group", args=[group.network.slug, group.pk])


def reader(request: MemberRequest) -> Membership:
    """Return who asks; raises Http404 for guests, who are not told that there are groups."""
    if not rules.may_read_groups(request.membership):
        raise Http404
    return request.membership


@require_safe
@member_page
def group_list(request: MemberRequest, slug: str) -> HttpResponse:
    by = reader(request)
    context = {"network": by.network, "section": "groups", "may_found": rules.may_found_group(by)}
    return render(request, "workgroups/group_list.html", context)


@require_safe
@member_page
def group(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    found = get_group_for(request.membership, pk)
    context = {
        "network": found.network,
        "section": "groups",
        "group": found,
        "sees_inside": may_see_inside(request.membership, found),
    }
    return render(request, "workgroups/group.html", context)


@FORM
@member_page
def group_add(request: MemberRequest, slug: str) -> HttpResponse:
    by = reader(request)
    need(rules.may_found_group(by))
    form = GroupForm(request.POST or None, by=by)
    if form.is_valid():
        try:
            founded = domain.create_group(network=by.network, by=by, **form.values())
            return done(request, _("The group is founded."), back=page_of(founded), go=True)
        except Refused as no:
            form.add_error("name", str(no))
    return ask(
        request,
        form,
        title=_("Found a group"),
        submit=_("Found it"),
        back=reverse("group_list", args=[slug]),
        form_id="group-form",
        draft=f"group-add-{slug}",
        section="groups",
    )


@FORM
@member_page
def group_edit(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    found = _to_run(request, pk)
    form = EditGroupForm(request.POST or None, group=found)
    stale = None
    if form.is_valid():
        try:
            domain.edit_group(group=found, by=request.membership, **form.cleaned_data)
            # The page's own heading is not a live part of it.
            return done(request, _("The group was changed."), back=page_of(found), go=True)
        except Refused as no:
            form.add_error("name", str(no))
        except Stale as conflict:
            stale = conflict
    return ask(
        request,
        form,
        title=_("Edit the group"),
        submit=_("Save"),
        back=page_of(found),
        form_id=f"group-{pk}-edit",
        draft=f"group-{pk}-edit",
        stale=stale,
        section="groups",
    )


@FORM
@member_page
def group_close(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    found = _to_run(request, pk)
    form = CloseGroupForm(request.POST or None)
    if form.is_valid():
        try:
            domain.close_group(group=found, by=request.membership, **form.cleaned_data)
            return done(request, _("The group is closed. Everything in it can still be read."), back=page_of(found))
        except Refused as no:
            form.add_error(None, str(no))
    return ask(
        request,
        form,
        title=_("Close the group?"),
        intro=_("It takes no new meetings, ideas, projects or members then. What is there stays readable."),
        submit=_("Close the group"),
        back=page_of(found),
        form_id=f"group-{pk}-close",
        draft=f"group-{pk}-close",
        danger=True,
        section="groups",
    )


@require_POST
@member_page
def group_reopen(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    found = _to_run(request, pk)
    return attempt(request, lambda: domain.reopen_group(group=found, by=request.membership), back=page_of(found))


@require_POST
@member_page
def group_lead(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    found = get_group_for(request.membership, pk)
    need(rules.may_lead_group(request.membership, found))
    return attempt(request, lambda: domain.take_lead(group=found, by=request.membership), back=page_of(found))


@require_POST
@member_page
def group_unlead(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    found = get_group_for(request.membership, pk)
    need(found.lead_town_id is None or rules.may_stop_leading(request.membership, found))
    return attempt(request, lambda: domain.stop_leading(group=found, by=request.membership), back=page_of(found))


@FORM
@member_page
def group_attach(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    found = get_group_inside_for(request.membership, pk)
    need(rules.may_share_file(request.membership, found))
    form = GroupFileForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        try:
            attach_group_file(group=found, upload=form.cleaned_data["file"], by=request.membership)
            return done(request, _("The file was added."), back=page_of(found))
        except Refused as no:
            form.add_error(None, str(no))
    return ask(
        request,
        form,
        title=_("Add a file"),
        submit=pgettext("file", "Add"),
        back=page_of(found),
        form_id=f"group-{pk}-file",
        section="groups",
    )


@require_GET
@member_page
def group_file(request: MemberRequest, slug: str, pk: int) -> FileResponse:
    shared = get_group_file_for(request.membership, pk)
    return send_file(shared.file, shared.name, shared.content_type)


@require_POST
@member_page
def group_file_remove(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    shared = get_group_file_for(request.membership, pk)
    if shared.group is None:
        raise PermissionDenied
    need(rules.may_remove_file(request.membership, shared, shared.group))
    return attempt(
        request,
        lambda: remove_group_file(shared=shared, by=request.membership),
        back=page_of(shared.group),
        message=_("The file was removed."),
    )


def _to_run(request: MemberRequest, pk: int) -> Group:
    found = get_group_for(request.membership, pk)
    need(rules.may_run_group(request.membership, found))
    return found

"""Proposing and ordering agenda items, their texts, links and files."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from collab.files import send_file
from collab.live.answers import Refused, Stale, ask, attempt, done, refused
from collab.network.access import MemberRequest, member_page, need
from meetings import rules
from meetings.domain import agenda, files
from meetings.forms.agenda import AnswerForm, EditItemForm, FileForm, PlaceForm, ProposeForm
from meetings.models import AgendaItem, Visibility
from meetings.queries.agenda import get_attachment_for, get_item_for, get_meeting_for
from meetings.queries.memory import stands
from workgroups.queries.texts import whole_number

FORM = require_http_methods(["GET", "POST"])
# What everybody sees happen needs no message.
SEEN = ""


def _to(item: AgendaItem, slug: str) -> str:
    return reverse("item", args=[slug, item.pk])


@member_page
@require_GET
def show(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    item, role = get_item_for(request.membership, pk)
    may_attach = rules.may_attach(request.membership, item, role)
    context = {"section": "meetings", "network": item.meeting.network, "item": item, "may_attach": may_attach}
    context |= {"may_plan": rules.may_plan(request.membership, item.meeting.group), "is_standing": stands(item)}
    # What is for the group only is put on no agenda that the network reads.
    context["is_own"] = item.visibility == Visibility.GROUP and not context["is_standing"]
    return render(request, "meetings/item.html", context)


@FORM
@member_page
def propose(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    meeting, role = get_meeting_for(request.membership, pk)
    need(rules.may_propose(role))
    by = request.membership
    initial: dict[str, Any] = {"municipality": by.municipality_id, "presenter": by.person.name}
    initial["project"] = whole_number(request.GET.get("project", ""))
    form = ProposeForm(
        request.POST or None,
        request.FILES or None,
        membership=request.membership,
        any_town=rules.may_lead(role),
        initial=initial,
    )
    back = reverse("meeting", args=[slug, pk])
    if form.is_valid():
        try:
            request_id = form.cleaned_data["request_id"]
            item = agenda.propose_item(meeting=meeting, by=request.membership, request_id=request_id, **form.values())
            if upload := form.cleaned_data["file"]:
                files.attach_file(item=item, upload=upload, by=request.membership)
        except Refused as no:
            form.add_error(None, str(no))
        else:
            saved = (
                _("The item is on the agenda.") if rules.may_lead(role) else _("Your proposal was sent to the chair.")
            )
            return done(request, saved, back=back)
    title = _("Add an agenda item") if rules.may_lead(role) else _("Propose an agenda item")
    submit = _("Add to the agenda") if rules.may_lead(role) else _("Propose")
    return ask(request, form, title=title, submit=submit, back=back, form_id="item-form", draft=f"meeting-{pk}-propose")


@FORM
@member_page
def edit(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    item, role = get_item_for(request.membership, pk)
    need(rules.may_edit_item(request.membership, item, role))
    form = EditItemForm(
        request.POST or None,
        membership=request.membership,
        any_town=rules.may_lead(role),
        initial=EditItemForm.initial_of(item),
    )
    stale = None
    if form.is_valid():
        try:
            version = form.cleaned_data["version"]
            agenda.edit_item(item=item, version=version, by=request.membership, **form.values())
            return done(request, _("The item was saved."), back=_to(item, slug))
        except Refused as no:
            form.add_error(None, str(no))
        except Stale as conflict:
            stale = conflict
    return ask(
        request,
        form,
        title=_("Edit agenda item"),
        submit=_("Save"),
        back=_to(item, slug),
        form_id="item-edit-form",
        draft=f"item-{pk}-edit",
        stale=stale,
    )


def _change(request: MemberRequest, slug: str, pk: int, change: Any, message: str) -> HttpResponse:
    """Run a change without input on an item the member may see."""
    item, _role = get_item_for(request.membership, pk)
    back = reverse("meeting", args=[slug, item.meeting_id])
    return attempt(request, lambda: change(item), back=back, message=message)


@require_POST
@member_page
def accept(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    message = _("The item is on the agenda.")
    return _change(request, slug, pk, lambda item: agenda.accept_item(item=item, by=request.membership), message)


@require_POST
@member_page
def withdraw(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    message = _("Your proposal was withdrawn.")
    return _change(request, slug, pk, lambda item: agenda.withdraw_item(item=item, by=request.membership), message)


@FORM
@member_page
def decline(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    item, role = get_item_for(request.membership, pk)
    need(rules.may_lead(role))
    form = AnswerForm(request.POST or None)
    proposal = item.state == AgendaItem.State.PROPOSED
    back = reverse("meeting", args=[slug, item.meeting_id])
    if form.is_valid():
        try:
            agenda.decline_item(item=item, answer=form.cleaned_data["answer"], by=request.membership)
            said = _("The proposal was declined.") if proposal else _("The item was taken off the agenda.")
            return done(request, said, back=back)
        except Refused as no:
            form.add_error(None, str(no))
    return ask(
        request,
        form,
        title=_("Decline the proposal") if proposal else _("Take off the agenda"),
        submit=_("Decline") if proposal else _("Take off"),
        intro=item.title,
        danger=True,
        back=back,
        form_id="decline-form",
        draft=f"item-{pk}-decline",
    )


@require_POST
@member_page
def place(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    """Put an item where it was dropped (`parent`, `before`), or one step further (`direction`)."""
    if direction := request.POST.get("direction", ""):
        return _change(
            request,
            slug,
            pk,
            lambda item: agenda.nudge_item(item=item, direction=direction, by=request.membership),
            SEEN,
        )
    form = PlaceForm(request.POST)
    if not form.is_valid():
        return refused(request, _("This is not a place on the agenda."), back=reverse("home", args=[slug]), status=422)
    neighbours = {
        name: get_item_for(request.membership, form.cleaned_data[name])[0] if form.cleaned_data[name] else None
        for name in ("parent", "before")
    }
    return _change(
        request,
        slug,
        pk,
        lambda item: agenda.place_item(item=item, by=request.membership, **neighbours),
        SEEN,
    )


@FORM
@member_page
def attach(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    item, role = get_item_for(request.membership, pk)
    need(rules.may_attach(request.membership, item, role))
    form = FileForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        try:
            files.attach_file(item=item, upload=form.cleaned_data["file"], by=request.membership)
            return done(request, _("The file was attached."), back=_to(item, slug))
        except Refused as no:
            form.add_error(None, str(no))
    return ask(request, form, title=_("Attach a file"), submit=_("Attach"), back=_to(item, slug), form_id="file-form")


@require_POST
@member_page
def detach(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    attachment, _role = get_attachment_for(request.membership, pk)
    return attempt(
        request,
        lambda: files.remove_file(attachment=attachment, by=request.membership),
        back=_to(attachment.item, slug),
        message=_("The file was removed."),
    )


@require_GET
@member_page
def download(request: MemberRequest, slug: str, pk: int) -> FileResponse:
    attachment, _role = get_attachment_for(request.membership, pk)
    return send_file(attachment.file, attachment.name, attachment.content_type)

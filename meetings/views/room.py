"""The meeting: its page, opening, moving through the agenda, notes, decisions, action items, closing."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from collab.live.answers import Refused, Stale, ask, done, is_htmx, refused
from collab.network.access import MemberRequest, member_page, need
from meetings import rules
from meetings.domain import room
from meetings.domain.decision import record_decision
from meetings.forms.agenda import CloseForm, DecisionForm, MeetingActionForm, NotesForm, PeopleForm
from meetings.models import AgendaItem, Meeting
from meetings.queries.agenda import get_item_for, get_meeting_for, meeting_after

FORM = require_http_methods(["GET", "POST"])
# What everybody sees happen needs no message.
SEEN = ""


@require_GET
@member_page
def show(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    meeting, role = get_meeting_for(request.membership, pk)
    context = {
        "section": "meetings",
        "network": meeting.network,
        "meeting": meeting,
        "may_write": rules.may_write(role),
        "notes_form": _notes_form(meeting.active_item) if meeting.active_item else None,
    }
    return render(request, "meetings/meeting.html", context)


def _run(request: MemberRequest, slug: str, pk: int, change: Callable[[], object], message: str) -> HttpResponse:
    back = reverse("meeting", args=[slug, pk])
    try:
        change()
    except Refused as no:
        return refused(request, str(no), back=back)
    return done(request, message, back=back)


@FORM
@member_page
def open_(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    """Open the meeting; on another day than planned the page asks first (GET)."""
    meeting, role = get_meeting_for(request.membership, pk)
    if request.method == "POST":
        message = _("The meeting is open.")
        return _run(request, slug, pk, lambda: room.open_meeting(meeting=meeting, by=request.membership), message)
    need(rules.may_lead(role))
    return ask(
        request,
        forms.Form(),
        title=_("Open the meeting"),
        submit=_("Open it now"),
        intro=_("This meeting is planned for %(date)s. What is recorded now counts as decided today.")
        % {"date": date_format(meeting.date, "DATE_FORMAT")},
        back=reverse("meeting", args=[slug, pk]),
        form_id="open-form",
    )


def _expected(request: MemberRequest) -> int | None:
    """Return the active item the chair saw; 0 or nothing means "none"."""
    text = request.POST.get("expected", "")
    return int(text) or None if text.isascii() and text.isdigit() and len(text) < 16 else None


@require_POST
@member_page
def next_(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    meeting, _role = get_meeting_for(request.membership, pk)
    expected = _expected(request)
    return _run(
        request,
        slug,
        pk,
        lambda: room.next_item(meeting=meeting, expected=expected, by=request.membership),
        SEEN,
    )


@require_POST
@member_page
def activate(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    item, _role = get_item_for(request.membership, pk)
    expected = _expected(request)
    return _run(
        request,
        slug,
        item.meeting_id,
        lambda: room.activate_item(item=item, expected=expected, by=request.membership),
        SEEN,
    )


@FORM
@member_page
def close(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    meeting, role = get_meeting_for(request.membership, pk)
    need(rules.may_lead(role))
    form = CloseForm(request.POST or None) if request.method != "POST" else CloseForm(request.POST)
    back = reverse("meeting", args=[slug, pk])
    if form.is_valid():
        try:
            room.close_meeting(meeting=meeting, by=request.membership, finish_active=form.cleaned_data["finish_active"])
            return done(request, _("The meeting is closed."), back=back)
        except Refused as no:
            form.add_error(None, str(no))
    if meeting.active_item is None:
        form.fields["finish_active"].widget = form.fields["finish_active"].hidden_widget()
    return ask(
        request,
        form,
        title=_("Close the meeting"),
        submit=_("Close the meeting"),
        intro=_what_happens(meeting),
        back=back,
        form_id="close-form",
        danger=True,
    )


def _what_happens(meeting: Meeting) -> str:
    states = (AgendaItem.State.PLANNED, AgendaItem.State.PROPOSED)
    left = AgendaItem.objects.filter(meeting=meeting, state__in=states, template_item=None, decisions=None)
    count = left.exclude(pk=meeting.active_item_id or 0).count()
    if not count:
        return _("All items were treated.")
    following = meeting_after(meeting)
    if following is None:
        return _("Items that were not treated (%(count)s) wait for the next meeting that is planned.") % {
            "count": count
        }
    return _("Items that were not treated (%(count)s) go to the meeting on %(date)s.") % {
        "count": count,
        "date": date_format(following.date, "SHORT_DATE_FORMAT"),
    }


def _notes_form(item: AgendaItem) -> NotesForm:
    return NotesForm(initial={"notes": item.notes, "version": item.notes_version})


@FORM
@member_page
def notes(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    """The pen: the notes of an item, in the page beside it (htmx) or as a page of its own."""
    item, role = get_item_for(request.membership, pk)
    need(rules.may_write(role))
    form = NotesForm(request.POST) if request.method == "POST" else _notes_form(item)
    back = reverse("meeting", args=[slug, item.meeting_id])
    stale = None
    if request.method == "POST" and form.is_valid():
        try:
            data = form.cleaned_data
            saved = room.save_notes(item=item, notes=data["notes"], version=data["version"], by=request.membership)
            return done(request, _("Notes saved."), back=back, reset=False, version=saved.notes_version)
        except Refused as no:
            form.add_error(None, str(no))
        except Stale as conflict:
            stale = conflict
    if is_htmx(request) and request.method == "GET":
        context = {"network": item.meeting.network, "item": item, "notes_form": form}
        return render(request, "meetings/pen.html", context)
    return ask(
        request,
        form,
        title=_("Notes on “%(title)s”") % {"title": item.title},
        submit=_("Save notes"),
        back=back,
        form_id="notes-form",
        draft=f"item-{pk}-notes",
        stale=stale,
        template="meetings/notes_form.html",
        item=item,
        notes_form=form,
        network=item.meeting.network,
    )


@FORM
@member_page
def decide(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    item, role = get_item_for(request.membership, pk)
    need(rules.may_write(role))
    form = DecisionForm(request.POST or None)
    back = reverse("meeting", args=[slug, item.meeting_id])
    if form.is_valid():
        try:
            decision = record_decision(item=item, by=request.membership, **form.cleaned_data)
            return done(request, _("Decision %(ref)s was recorded.") % {"ref": decision.reference}, back=back)
        except Refused as no:
            form.add_error(None, str(no))
    return ask(
        request,
        form,
        title=_("Record a decision"),
        submit=_("Record the decision"),
        intro=item.title,
        back=back,
        form_id="decision-form",
        draft=f"item-{pk}-decision",
        template="meetings/decision_form.html",
    )


@FORM
@member_page
def add_action(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    item, role = get_item_for(request.membership, pk)
    need(rules.may_write(role))
    form = MeetingActionForm(request.POST or None, by=request.membership)
    back = reverse("meeting", args=[slug, item.meeting_id])
    if form.is_valid():
        try:
            room.record_action(item=item, by=request.membership, **form.cleaned_data)
            return done(request, _("The action item was recorded."), back=back)
        except Refused as no:
            form.add_error(None, str(no))
    return ask(
        request,
        form,
        title=_("Record an action item"),
        submit=_("Record the action item"),
        intro=item.title,
        back=back,
        form_id="action-form",
        draft=f"item-{pk}-action",
    )


@FORM
@member_page
def people(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    meeting, role = get_meeting_for(request.membership, pk)
    need(rules.may_lead(role))
    initial = {"chair": meeting.chair_id, "minute_taker": meeting.minute_taker_id}
    initial["version"] = meeting.version
    form = PeopleForm(request.POST if request.method == "POST" else None, by=request.membership, initial=initial)
    stale = None
    back = reverse("meeting", args=[slug, pk])
    if form.is_valid():
        try:
            room.set_people(meeting=meeting, by=request.membership, **form.cleaned_data)
            return done(request, _("Saved. Their screens have the new controls."), back=back)
        except Refused as no:
            form.add_error(None, str(no))
        except Stale as conflict:
            stale = conflict
    return ask(
        request,
        form,
        title=_("Chair and minutes"),
        submit=_("Save"),
        back=back,
        form_id="people-form",
        stale=stale,
        intro=_("The coordinator and the chairs of the group can always lead the meeting."),
    )

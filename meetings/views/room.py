"""The meeting: its page, opening, moving through the agenda, notes, decisions, action items, closing."""

from __future__ import annotations

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from collab.live.answers import Refused, Stale, ask, done
from collab.network.access import MemberRequest, member_page, need
from meetings import rules
from meetings.domain import room
from meetings.forms.agenda import PeopleForm
from meetings.models import Meeting
from meetings.queries.agenda import get_meeting_for, items_of_guest
from meetings.queries.talk import rounds_of

from .leading import run
from .recording import notes_form

FORM = require_http_methods(["GET", "POST"])
# What everybody sees happen needs no message.
SEEN = ""


@require_GET
@member_page
def show(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    meeting, role = get_meeting_for(request.membership, pk)
    if role == rules.ITEM_GUEST:
        return _show_items(request, meeting)
    item = meeting.active_item if rules.may_write(role) else None
    may_report = rules.may_act_for_town(request.membership, request.membership.municipality_id or "", role)
    context = {
        "section": "meetings",
        "network": meeting.network,
        "meeting": meeting,
        "notes_form": notes_form(item) if item else None,
        # For each of them this browser may keep a report that was typed and never saved.
        "rounds": rounds_of(meeting) if may_report else [],
    }
    return render(request, "meetings/meeting.html", context)


def _show_items(request: MemberRequest, meeting: Meeting) -> HttpResponse:
    """The page of who was invited to single items: when and where, and these items."""
    items = items_of_guest(request.membership, meeting)
    context = {"section": "meetings", "network": meeting.network, "meeting": meeting, "items": items}
    return render(request, "meetings/meeting_item_guest.html", context)


@FORM
@member_page
def open_(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    """Open the meeting; on another day than planned the page asks first (GET)."""
    meeting, role = get_meeting_for(request.membership, pk)
    if request.method == "POST":
        message = _("The meeting is open.")
        return run(request, slug, pk, room.open_meeting, message, meeting=meeting)
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

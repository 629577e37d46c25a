"""Single meetings: add, edit, move, cancel, bring back; and the guests invited to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.forms import Form
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST

from collab.live.answers import Refused, Stale, ask, done, refused
from collab.network.access import MemberRequest, member_page, need
from meetings import rules
from meetings.domain import schedule as domain
from meetings.forms.schedule import CancelForm, GuestForm, MeetingEditForm, MeetingForm, MoveForm
from meetings.models import AgendaItem, Meeting
from meetings.queries.agenda import get_meeting_for
from meetings.queries.series import (
    groups_to_plan_for,
    guests_to_invite,
    holiday_on,
    invitations_of,
    invited_guests,
    items_to_invite_to,
    overlapping,
)
from workgroups.queries.texts import whole_number

from .series import changed_meanwhile, chosen_group

FORM = require_http_methods(["GET", "POST"])


@FORM
@member_page
def add(request: MemberRequest, slug: str) -> HttpResponse:
    membership = request.membership
    groups = groups_to_plan_for(membership)
    need(groups.exists())
    data = request.POST if request.method == "POST" else None
    form = MeetingForm(
        data, network=membership.network, groups=groups, today=request.today, initial=chosen_group(request)
    )
    if form.is_bound and form.is_valid():
        try:
            meeting = domain.add_meeting(by=membership, **form.cleaned_data)
            message = _with_hint(_("The meeting is planned."), meeting)
            return done(request, message, back=reverse("meeting", args=[slug, meeting.pk]), go=True)
        except Refused as no:
            form.add_error(None, str(no))
    return ask(
        request,
        form,
        title=_("New meeting"),
        submit=_("Plan the meeting"),
        back=reverse("meeting_list", args=[slug]),
        form_id="meeting-form",
        draft=f"meeting-add-{slug}",
        section="meetings",
    )


@FORM
@member_page
def edit(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    meeting = _to_change(request, pk)
    form = MeetingEditForm(_sent(request), meeting=meeting)
    return _change(
        request,
        slug,
        meeting,
        form,
        domain.edit_meeting,
        name="edit",
        title=_("Edit meeting"),
        submit=_("Save"),
        message=_("The meeting was saved."),
    )


@FORM
@member_page
def move(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    meeting = _to_change(request, pk)
    form = MoveForm(_sent(request), meeting=meeting, today=request.today)
    return _change(
        request,
        slug,
        meeting,
        form,
        domain.move_meeting,
        name="move",
        title=_("Move meeting"),
        submit=pgettext("meeting", "Move"),
        message=_("The meeting was moved."),
    )


@FORM
@member_page
def cancel(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    meeting = _to_change(request, pk)
    form = CancelForm(_sent(request), initial={"version": meeting.version})
    return _change(
        request,
        slug,
        meeting,
        form,
        domain.cancel_meeting,
        name="cancel",
        title=_("Cancel meeting"),
        submit=_("Cancel the meeting"),
        message=_("The meeting was cancelled."),
        danger=True,
    )


@require_POST
@member_page
def reinstate(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    meeting = _to_change(request, pk)
    back = reverse("meeting", args=[slug, pk])
    version = whole_number(request.POST.get("version", "")) or 0
    try:
        domain.reinstate_meeting(meeting=meeting, version=version, by=request.membership)
    except Refused as no:
        return refused(request, str(no), back=back)
    except Stale:
        return refused(request, _("Somebody else has just changed this meeting. Look at it again first."), back=back)
    return done(request, _with_hint(_("The meeting takes place."), meeting), back=back)


@FORM
@member_page
def guests(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    """Who is invited to the meeting from outside, and a form to invite one more of the network's guests."""
    meeting = _to_change(request, pk)
    form = GuestForm(_sent(request), guests=guests_to_invite(meeting), items=items_to_invite_to(meeting))
    if form.is_bound and form.is_valid():
        try:
            domain.invite_guest(meeting=meeting, by=request.membership, **form.cleaned_data)
            return done(request, _("The guest is invited."), back=reverse("meeting", args=[slug, pk]))
        except Refused as no:
            form.add_error(None, str(no))
    return ask(
        request,
        form,
        title=_("Guests of this meeting"),
        submit=_("Invite"),
        back=reverse("meeting", args=[slug, pk]),
        form_id=f"meeting-{pk}-guests",
        # A form with errors answers with itself alone.
        template="forms/form.html" if form.is_bound else "meetings/meeting_guests.html",
        section="meetings",
        meeting=meeting,
        network=meeting.network,
        invitations=invitations_of(meeting),
        can_invite=guests_to_invite(meeting).exists(),
    )


@require_POST
@member_page
def uninvite(request: MemberRequest, slug: str, pk: int, guest: int) -> HttpResponse:
    meeting = _to_change(request, pk)
    person = invited_guests(meeting).filter(pk=guest).first()
    if person is None:
        raise Http404
    back, item = reverse("meeting", args=[slug, pk]), None
    if number := whole_number(request.POST.get("item", "")):
        item = AgendaItem.objects.filter(meeting=meeting, pk=number).first()
        if item is None:
            raise Http404
    try:
        domain.uninvite_guest(meeting=meeting, guest=person, item=item, by=request.membership)
    except Refused as no:
        return refused(request, str(no), back=back)
    return done(request, _("The invitation was taken back."), back=back)


def _sent(request: MemberRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _to_change(request: MemberRequest, pk: int) -> Meeting:
    meeting, role = get_meeting_for(request.membership, pk)
    need(rules.may_lead(role))
    return meeting


def _change(
    request: MemberRequest,
    slug: str,
    meeting: Meeting,
    form: Form,
    change: Callable[..., Meeting],
    *,
    name: str,
    title: str,
    submit: str,
    message: str,
    danger: bool = False,
) -> HttpResponse:
    """Show a form about one meeting, or make the change it asks for."""
    back, stale = reverse("meeting", args=[slug, meeting.pk]), None
    if form.is_bound and form.is_valid():
        try:
            changed = change(meeting=meeting, by=request.membership, **form.cleaned_data)
            return done(request, _with_hint(message, changed), back=back)
        except Refused as no:
            form.add_error(None, str(no))
        except Stale as conflict:
            stale = conflict
            form.add_error(None, changed_meanwhile(conflict))
    key = f"meeting-{meeting.pk}-{name}"
    return ask(
        request,
        form,
        title=title,
        submit=submit,
        back=back,
        form_id=key,
        draft=key,
        danger=danger,
        stale=stale,
        section="meetings",
    )


def _with_hint(message: str, meeting: Meeting) -> str:
    """Add to the message what speaks against the time: a public holiday, another meeting. Both are allowed."""
    if holiday := holiday_on(meeting.date, meeting.network.holidays):
        message = _("%(message)s Please note: this day is a public holiday (%(holiday)s).") % {
            "message": message,
            "holiday": holiday,
        }
    if meeting.state != Meeting.State.PLANNED or not (others := overlapping(meeting)):
        return message
    hint = _("Please note: at the same time the group has “%(title)s” (%(date)s, %(time)s).") % {
        "title": others[0].title,
        "date": date_format(others[0].date, "SHORT_DATE_FORMAT"),
        "time": time_format(others[0].start_time, "TIME_FORMAT"),
    }
    return f"{message} {hint}"

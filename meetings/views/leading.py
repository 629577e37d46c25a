"""Leading the meeting: on, back, finish, jump, defer, split, add, take back; handing over chair and pen."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from collab.live.answers import Refused, ask, attempt, done
from collab.network.access import MemberRequest, member_page, need
from meetings import rules
from meetings.domain import leading, room
from meetings.forms.leading import HandOverForm, SplitForm, SpotForm
from meetings.models import Meeting
from meetings.queries.agenda import get_item_for, get_meeting_for
from workgroups.queries.texts import whole_number

FORM = require_http_methods(["GET", "POST"])
# What everybody sees happen needs no message.
SEEN = ""


def run(
    request: MemberRequest, slug: str, pk: int, change: Callable[..., object], message: str = SEEN, **values: object
) -> HttpResponse:
    """Make a change that needs no form, of the meeting `pk` or something of it, and answer it."""
    back = reverse("meeting", args=[slug, pk])
    return attempt(request, lambda: change(by=request.membership, **values), back=back, message=message)


def number(request: MemberRequest, name: str) -> int | None:
    """Return a key that the button sent along; None for 0, nothing or nonsense."""
    return whole_number(request.POST.get(name, ""))


@require_POST
@member_page
def next_(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    meeting, _role = get_meeting_for(request.membership, pk)
    seen = number(request, "expected")
    return run(request, slug, pk, room.next_item, meeting=meeting, expected=seen)


@require_POST
@member_page
def back(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    meeting, _role = get_meeting_for(request.membership, pk)
    seen = number(request, "expected")
    return run(request, slug, pk, leading.previous_item, meeting=meeting, expected=seen)


@require_POST
@member_page
def finish(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    meeting, _role = get_meeting_for(request.membership, pk)
    seen = number(request, "expected")
    return run(request, slug, pk, leading.finish_item, meeting=meeting, expected=seen)


@require_POST
@member_page
def undo(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    meeting, _role = get_meeting_for(request.membership, pk)
    step = number(request, "step") or 0
    return run(request, slug, pk, leading.undo, meeting=meeting, step=step)


@require_POST
@member_page
def activate(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    item, _role = get_item_for(request.membership, pk)
    seen = number(request, "expected")
    return run(request, slug, item.meeting_id, room.activate_item, item=item, expected=seen)


@require_POST
@member_page
def defer(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    item, _role = get_item_for(request.membership, pk)
    seen = number(request, "expected")
    return run(request, slug, item.meeting_id, leading.defer_item, item=item, expected=seen)


@require_POST
@member_page
def resume(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    item, _role = get_item_for(request.membership, pk)
    return run(request, slug, item.meeting_id, leading.resume_item, item=item)


@FORM
@member_page
def split(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    item, role = get_item_for(request.membership, pk)
    need(rules.may_lead(role))
    form = SplitForm(request.POST or None)
    back = reverse("meeting", args=[slug, item.meeting_id])
    if form.is_valid():
        try:
            leading.split_item(item=item, by=request.membership, **form.cleaned_data)
            return done(request, _("The new item stands right behind it."), back=back)
        except Refused as no:
            form.add_error(None, str(no))
    return ask(
        request,
        form,
        title=_("Split the item"),
        submit=_("Split"),
        intro=_("The rest of “%(title)s” becomes an item of its own, right behind it.") % {"title": item.title},
        back=back,
        form_id="split-form",
        draft=f"item-{pk}-split",
    )


@FORM
@member_page
def add(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    """Put an item on the agenda while the meeting runs."""
    meeting, role = get_meeting_for(request.membership, pk)
    need(rules.may_lead(role))
    form = SpotForm(request.POST or None, initial={"expected": meeting.active_item_id or 0})
    back = reverse("meeting", args=[slug, pk])
    if form.is_valid():
        try:
            leading.add_on_the_spot(meeting=meeting, by=request.membership, **form.cleaned_data)
            return done(request, _("The item is on the agenda."), back=back)
        except Refused as no:
            form.add_error(None, str(no))
            _look_again(form, pk, request)
    return ask(
        request,
        form,
        title=_("Add an item now"),
        submit=_("Add to the agenda"),
        intro=_where(meeting),
        back=back,
        form_id="spot-form",
        draft=f"meeting-{pk}-spot",
    )


def _where(meeting: Meeting) -> str:
    if meeting.active_item is None:
        return _("It is placed at the end, before a closing standing item.")
    return _("It is placed right behind “%(title)s”.") % {"title": meeting.active_item.title}


def _look_again(form: forms.Form, pk: int, request: MemberRequest) -> None:
    """Whoever reads where the meeting is now decides anew: the form goes on from there."""
    now, _role = get_meeting_for(request.membership, pk)
    form.data = form.data.copy()  # type: ignore[attr-defined]
    form.data["expected"] = str(now.active_item_id or 0)  # type: ignore[index]


@require_POST
@member_page
def take_pen(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    meeting, _role = get_meeting_for(request.membership, pk)
    seen = number(request, "expected")
    return run(request, slug, pk, leading.take_pen, _("You take the minutes now."), meeting=meeting, expected=seen)


@require_POST
@member_page
def take_chair(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    meeting, _role = get_meeting_for(request.membership, pk)
    seen = number(request, "expected")
    return run(request, slug, pk, leading.take_chair, _("You chair the meeting now."), meeting=meeting, expected=seen)


@FORM
@member_page
def hand_chair(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    meeting, role = get_meeting_for(request.membership, pk)
    need(rules.may_lead(role))
    return _hand_over(request, slug, meeting, "chair", _("Hand over the chair"))


@FORM
@member_page
def hand_pen(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    meeting, role = get_meeting_for(request.membership, pk)
    need(rules.may_write(role))
    return _hand_over(request, slug, meeting, "pen", _("Hand over the minutes"))


def _hand_over(request: MemberRequest, slug: str, meeting: Meeting, what: str, title: str) -> HttpResponse:
    holder = meeting.chair if what == "chair" else meeting.minute_taker
    form = HandOverForm(request.POST or None, meeting=meeting, holder=holder)
    back = reverse("meeting", args=[slug, meeting.pk])
    if form.is_valid():
        try:
            leading.hand_over(meeting=meeting, what=what, by=request.membership, **form.cleaned_data)
            return done(request, _("Saved. Their screens have the new controls."), back=back)
        except Refused as no:
            form.add_error(None, str(no))
    now = _("Now: %(name)s") % {"name": holder.person if holder else _("nobody")}
    return ask(request, form, title=title, submit=_("Hand over"), intro=now, back=back, form_id="hand-over-form")

"""The end of a meeting: closing, reopening, and the review of open action items."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from collab.live.answers import Refused, Stale, ask, done, refused
from collab.network.access import MemberRequest, member_page, need
from meetings import rules
from meetings.domain.closing import Closed, close_meeting, reopen_meeting
from meetings.domain.every_time import put_on_every_agenda, take_off_every_agenda
from meetings.domain.review import check_action
from meetings.forms.closing import CheckForm, ClosingForm, ReopenForm
from meetings.models import ActionCheck, AgendaItem
from meetings.queries.agenda import get_item_for, get_meeting_for
from meetings.queries.closing import reviewable
from workgroups.models import ActionItem

FORM = require_http_methods(["GET", "POST"])
SEEN = ""
Outcome = ActionCheck.Outcome


@FORM
@member_page
def close(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    meeting, role = get_meeting_for(request.membership, pk)
    need(rules.may_lead(role))
    form = ClosingForm(request.POST if request.method == "POST" else None, meeting=meeting)
    back = reverse("meeting", args=[slug, pk])
    if form.is_valid():
        try:
            closed = close_meeting(meeting=meeting, by=request.membership, finish_active=False, choices=form.choices())
            return done(request, _what_happened(closed), back=back)
        except Refused as no:
            form.add_error(None, str(no))
    return ask(
        request,
        form,
        title=_("Close the meeting"),
        submit=_("Close the meeting"),
        back=back,
        form_id="close-form",
        danger=True,
        template="meetings/closing_form.html",
        meeting=meeting,
    )


def _what_happened(closed: Closed) -> str:
    """Return that the meeting is closed, and where what it left over went."""
    said = [_("The meeting is closed.")]
    if closed.following and closed.carried:
        date = date_format(closed.following.date, "SHORT_DATE_FORMAT")
        goes = ngettext(
            "One item goes to the meeting on %(date)s.",
            "%(n)s items go to the meeting on %(date)s.",
            len(closed.carried),
        )
        said.append(goes % {"n": len(closed.carried), "date": date})
    for item in closed.unasked:
        said.append(
            _("“%(title)s” was added after the form was opened: it goes to the next meeting, too.")
            % {"title": item.title}
        )
    return " ".join(said)


@FORM
@member_page
def reopen(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    meeting, role = get_meeting_for(request.membership, pk)
    need(rules.may_lead(role))
    form = ReopenForm(request.POST if request.method == "POST" else None)
    back = reverse("meeting", args=[slug, pk])
    if form.is_valid():
        try:
            reopen_meeting(meeting=meeting, reason=form.cleaned_data["reason"], by=request.membership)
            return done(request, _("The meeting is open again."), back=back)
        except Refused as no:
            form.add_error(None, str(no))
    return ask(
        request,
        form,
        title=_("Reopen the meeting"),
        submit=_("Reopen"),
        intro=_(
            "What went to the next meeting or to a group comes back, unless somebody has worked on it there. What is "
            "recorded now counts for this meeting."
        ),
        back=back,
        form_id="reopen-form",
        draft=f"meeting-{pk}-reopen",
    )


@FORM
@member_page
def review(request: MemberRequest, slug: str, pk: int, action: int) -> HttpResponse:
    """Check an action item off: the buttons post the outcome at once, the dialogs (GET) ask for a reason or a date."""
    item, role = get_item_for(request.membership, pk)
    action_item = _action_in(item, action)
    outcome = (request.POST if request.method == "POST" else request.GET).get("outcome", Outcome.STAYS.value)
    if outcome not in Outcome:
        outcome = Outcome.STAYS.value
    need(rules.may_check(request.membership, action_item, outcome, role))
    check = item.action_checks.filter(action_item=action_item).first()
    initial = {"outcome": outcome, "expected": check.outcome if check else "", "due_on": action_item.due_on}
    form = CheckForm(request.POST if request.method == "POST" else None, outcome=outcome, initial=initial)
    back = reverse("meeting", args=[slug, item.meeting_id])
    if form.is_valid():
        try:
            check_action(item=item, action=action_item, by=request.membership, **form.cleaned_data)
            return done(request, SEEN, back=back)
        except Refused as no:
            if "quick" in request.POST:
                return refused(request, str(no), back=back)
            form.add_error(None, str(no))
        except Stale:
            return refused(request, _("The action item was changed meanwhile. Look at it again."), back=back)
    dropped = outcome == Outcome.DROPPED
    return ask(
        request,
        form,
        title=_("Drop the action item") if dropped else _("Stays open"),
        submit=_("Drop it") if dropped else _("Save"),
        intro=action_item.title,
        back=back,
        danger=dropped,
        form_id="review-form",
    )


def _action_in(item: AgendaItem, pk: int) -> ActionItem:
    action = reviewable(item.meeting).select_related("group").filter(pk=pk).first()
    if action is None:
        raise Http404
    return action


@require_POST
@member_page
def every_time(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    """Put the item on every agenda of its series, or with `off` no longer."""
    item, _role = get_item_for(request.membership, pk)
    need(rules.may_plan(request.membership, item.meeting.group))
    back = reverse("item", args=[slug, pk])
    names = {"title": item.title}
    try:
        if "off" in request.POST:
            take_off_every_agenda(item=item, by=request.membership)
            message = _("“%(title)s” is no longer on every agenda. On this one it stays.") % names
        else:
            put_on_every_agenda(item=item, by=request.membership)
            message = _("“%(title)s” is on every agenda of the series from now on.") % names
    except Refused as no:
        return refused(request, str(no), back=back)
    return done(request, message, back=back, go=True)

"""Who comes and who is here: answers to the invitation, arriving and leaving, the quorum."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.forms import Form
from django.http import HttpResponse
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from collab.live.answers import Refused, Stale, ask, done, refused
from collab.network.access import MemberRequest, member_page, need
from collab.network.models import Municipality
from meetings import rules
from meetings.domain import presence as domain
from meetings.domain.quorum import set_quorum
from meetings.forms.presence import InvitationForm, PresenceForm, QuorumForm, SayForm
from meetings.models import Meeting
from meetings.queries.agenda import get_meeting_for
from meetings.queries.presence import get_town_at, presence_of

FORM = require_http_methods(["GET", "POST"])
# What everybody sees happen needs no message.
SEEN = ""


def _at_table(request: MemberRequest, pk: int, ags: str) -> tuple[Meeting, Municipality, str]:
    """Return meeting, town and standing; 404 for what is not theirs, 403 for who does not act for that town.

    "own" is the town of whoever asks, so that the buttons of a region are the same for all towns.
    """
    meeting, role = get_meeting_for(request.membership, pk)
    town = get_town_at(meeting, request.membership.municipality_id or "" if ags == "own" else ags)
    need(rules.may_set_presence(request.membership, town.pk, role))
    return meeting, town, role


def _run(request: MemberRequest, slug: str, pk: int, change: Callable[[], str]) -> HttpResponse:
    """Make a change that needs no form; `change` returns the message."""
    back = reverse("meeting", args=[slug, pk])
    try:
        return done(request, change(), back=back)
    except Refused as no:
        return refused(request, str(no), back=back)


@FORM
@member_page
def answer(request: MemberRequest, slug: str, pk: int, ags: str) -> HttpResponse:
    """The answer to the invitation with deputy and a word, by the town itself or written down for it."""
    meeting, town, _role = _at_table(request, pk, ags)
    form = InvitationForm(_sent(request), meeting=meeting, town=town, row=presence_of(meeting).row_of(town.pk))
    return _change(
        request,
        form,
        lambda: domain.answer_invitation(
            meeting=meeting, municipality=town, by=request.membership, **form.cleaned_data
        ),
        title=_("%(town)s: who comes?") % {"town": town},
        message=_("The answer was saved."),
        back=reverse("meeting", args=[slug, pk]),
        key=f"meeting-{pk}-answer-{town.pk}",
    )


@require_POST
@member_page
def say(request: MemberRequest, slug: str, pk: int, ags: str) -> HttpResponse:
    meeting, town, _role = _at_table(request, pk, ags)
    form = SayForm(request.POST)
    if not form.is_valid():
        return refused(request, _("Choose one of the answers."), back=reverse("meeting", args=[slug, pk]), status=422)

    def change() -> str:
        domain.say(meeting=meeting, municipality=town, by=request.membership, **form.cleaned_data)
        return SEEN

    return _run(request, slug, pk, change)


@require_POST
@member_page
def here(request: MemberRequest, slug: str, pk: int, ags: str) -> HttpResponse:
    """Set a town present (`here` is 1) or note that it has left (0)."""
    meeting, town, _role = _at_table(request, pk, ags)
    said = request.POST.get("here")
    if said not in ("0", "1"):
        return refused(request, _("Say whether it is here."), back=reverse("meeting", args=[slug, pk]), status=422)

    def change() -> str:
        if said == "1":
            domain.arrive(meeting=meeting, municipality=town, by=request.membership)
        else:
            domain.leave(meeting=meeting, municipality=town, by=request.membership)
        return SEEN

    return _run(request, slug, pk, change)


@FORM
@member_page
def presence(request: MemberRequest, slug: str, pk: int, ags: str) -> HttpResponse:
    """Who represents a town; whoever leads or takes the minutes also corrects the times."""
    meeting, town, role = _at_table(request, pk, ags)
    row, times = presence_of(meeting).row_of(town.pk), rules.may_write(role)
    form = PresenceForm(_sent(request), meeting=meeting, town=town, row=row, times=times)
    return _change(
        request,
        form,
        lambda: domain.set_presence(meeting=meeting, municipality=town, by=request.membership, **form.values()),
        title=_("%(town)s: present") % {"town": town},
        message=_("Saved."),
        back=reverse("meeting", args=[slug, pk]),
        key=f"meeting-{pk}-presence-{town.pk}",
    )


@require_POST
@member_page
def all_here(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    """All who accepted are here; with the moment of that step in `undo` it is taken back."""
    meeting, role = get_meeting_for(request.membership, pk)
    need(rules.may_write(role))
    text = request.POST.get("undo", "")

    def change() -> str:
        if text:
            domain.nobody_came(meeting=meeting, at=_moment(text), by=request.membership)
            return SEEN
        count = domain.all_are_here(meeting=meeting, by=request.membership)
        told = ngettext("%(count)s municipality is present.", "%(count)s municipalities are present.", count)
        return told % {"count": count} if count else _("All who accepted are present already.")

    return _run(request, slug, pk, change)


def _moment(text: str) -> datetime:
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Refused(_("There is nothing to take back."))
    return moment


@FORM
@member_page
def quorum(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    meeting, role = get_meeting_for(request.membership, pk)
    need(rules.may_lead(role))
    form = QuorumForm(_sent(request), group=meeting.group)
    return _change(
        request,
        form,
        lambda: set_quorum(meeting=meeting, by=request.membership, **form.cleaned_data),
        title=_("Quorum and majority"),
        intro=_("The rules count for all meetings and votes of the group “%(group)s”.") % {"group": meeting.group},
        message=_("The rules were saved."),
        back=reverse("meeting", args=[slug, pk]),
        key=f"meeting-{pk}-quorum",
    )


def _sent(request: MemberRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _change(
    request: MemberRequest,
    form: Form,
    change: Callable[[], object],
    *,
    title: str,
    message: str,
    back: str,
    key: str,
    intro: str = "",
) -> HttpResponse:
    """Show a form, or make the change it asks for."""
    stale = None
    if form.is_bound and form.is_valid():
        try:
            change()
            return done(request, message, back=back)
        except Refused as no:
            form.add_error(None, str(no))
        except Stale as conflict:
            stale = conflict
            if told := getattr(conflict.current, "told", ""):
                form.add_error(None, told)
    return ask(
        request,
        form,
        title=title,
        submit=_("Save"),
        intro=intro,
        back=back,
        form_id=key,
        draft=key,
        stale=stale,
        section="meetings",
    )

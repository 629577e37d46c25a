"""Reports of the towns in a round, and speaking."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from collab.live.answers import Refused, Stale, ask, attempt, done, is_htmx, refused
from collab.network.access import MemberRequest, member_page, need
from collab.network.models import Municipality
from meetings import rules
from meetings.domain import round as rounds
from meetings.domain import speaking
from meetings.forms.talk import ReportForm, SpeakingRulesForm, SpeechForm
from meetings.models import AgendaItem, Kind, Speech
from meetings.queries.agenda import get_item_for, get_meeting_for
from meetings.queries.presence import get_town_at
from meetings.queries.since import news_of
from meetings.queries.talk import get_speech_for, report_of
from workgroups.queries.texts import whole_number

FORM = require_http_methods(["GET", "POST"])


def _room(slug: str, meeting: int) -> str:
    return reverse("meeting", args=[slug, meeting])


# --- reports ---------------------------------------------------------------------------------------------------------


@FORM
@member_page
def report(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    """The report of the member's own town: in the room's page (`?in=room`), in the dialog, or as a page of its own."""
    item, role = get_item_for(request.membership, pk)
    town = request.membership.municipality
    if town is None or not rules.may_act_for_town(request.membership, town.pk, role):
        if request.method == "POST" and is_htmx(request):  # the form may be older than the change of who is deputy
            why = _(
                "You do not report for a town in this meeting, so nothing was saved. Your text is still in the form."
            )
            return refused(request, why, back=_room(slug, item.meeting_id), status=403)
        raise PermissionDenied
    if request.method == "GET" and item.kind != Kind.ROUND:
        raise Http404
    in_room = request.GET.get("in") == "room"
    stale = None
    if request.method == "POST":
        form = ReportForm(request.POST, in_room=in_room)
    else:
        written = report_of(item, town.pk)
        news = None if written.version else news_of(item, town.pk)
        form = ReportForm(initial=ReportForm.initial_of(written), in_room=in_room, news=news)
    back = _room(slug, item.meeting_id)
    if form.is_valid():
        try:
            saved = rounds.write_report(item=item, municipality=town, by=request.membership, **form.cleaned_data)
            return done(request, _saved(item), back=back, reset=False, version=saved.version)
        except Refused as no:
            form.add_error(None, str(no))
        except Stale as conflict:
            stale = conflict
    title = _("Report of %(town)s") % {"town": town.short_name}
    context: dict[str, Any] = {"in_room": in_room, "item": item, "network": item.meeting.network}
    if in_room and is_htmx(request) and request.method == "GET":
        more = {"form": form, "title": title, "action": request.get_full_path(), "form_id": "report-form"}
        return render(request, "meetings/report.html", {**context, **more})
    return ask(
        request,
        form,
        title=title,
        submit=_("Save the report"),
        intro=_what_for(item),
        back=back,
        form_id="report-form" if in_room else "report-dialog-form",
        draft=f"item-{pk}-report",
        stale=stale,
        template="meetings/report_form.html",
        **context,
    )


def _what_for(item: AgendaItem) -> str:
    title = {"title": item.title}
    if item.started_at:
        return _("For “%(title)s”. All in the meeting read it.") % title
    return _("For “%(title)s”. Until this item starts only your town's own people read it.") % title


def _saved(item: AgendaItem) -> str:
    if item.started_at:
        return _("Report saved. All in the meeting can read it.")
    return _("Report saved. Only your town sees it until the item starts.")


def _town_named(request: MemberRequest, item: AgendaItem) -> Municipality:
    """Return the town that a button names, the member's own where it names none."""
    named = request.POST.get("municipality") or request.membership.municipality_id or ""
    return get_town_at(item.meeting, named[:8])


def _called(request: MemberRequest) -> str | None:
    """Return the key of the town the chair saw called; nothing means "none"."""
    return request.POST.get("expected", "")[:8] or None


@require_POST
@member_page
def pass_(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    item, role = get_item_for(request.membership, pk)
    need(rules.may_propose(role))
    town, passed = _town_named(request, item), request.POST.get("passed") != "0"
    return attempt(
        request,
        lambda: rounds.pass_report(item=item, municipality=town, passed=passed, by=request.membership),
        back=_room(slug, item.meeting_id),
    )


@require_POST
@member_page
def call_next(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    item, _role = get_item_for(request.membership, pk)
    expected = _called(request)
    return attempt(
        request,
        lambda: rounds.call_next(item=item, expected=expected, by=request.membership),
        back=_room(slug, item.meeting_id),
    )


@require_POST
@member_page
def call(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    item, role = get_item_for(request.membership, pk)
    need(rules.may_lead(role))
    town, expected = _town_named(request, item), _called(request)
    return attempt(
        request,
        lambda: rounds.call_town(item=item, municipality=town, expected=expected, by=request.membership),
        back=_room(slug, item.meeting_id),
    )


# --- speaking --------------------------------------------------------------------------------------------------------


@FORM
@member_page
def ask_to_speak(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    item, _role = get_item_for(request.membership, pk)
    # A guest of this item alone sees it, but does not sit in the room.
    need(rules.may_speak(rules.standing(request.membership, item.meeting)))
    back = _room(slug, item.meeting_id)
    if request.method == "POST" and "about" not in request.POST:  # one of the buttons
        kind = Speech.Kind.REPLY if request.POST.get("kind") == Speech.Kind.REPLY else Speech.Kind.SPEECH
        return attempt(
            request,
            lambda: speaking.ask_to_speak(item=item, kind=kind, about="", by=request.membership),
            back=back,
        )
    form = SpeechForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            speaking.ask_to_speak(item=item, by=request.membership, **form.cleaned_data)
            return done(request, _("You are on the list of speakers."), back=back)
        except Refused as no:
            form.add_error(None, str(no))
    return ask(
        request,
        form,
        title=_("Ask to speak"),
        submit=_("Ask to speak"),
        intro=item.title,
        back=back,
        form_id="speech-form",
        draft=f"item-{pk}-speech",
    )


def _on_speech(request: MemberRequest, slug: str, pk: int, change: Callable[[Speech], object]) -> HttpResponse:
    speech, _role = get_speech_for(request.membership, pk)
    return attempt(request, lambda: change(speech), back=_room(slug, speech.meeting_id))


@require_POST
@member_page
def withdraw(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    by = request.membership
    return _on_speech(request, slug, pk, lambda speech: speaking.withdraw_speech(speech=speech, by=by))


@require_POST
@member_page
def give_floor(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    by, expected = request.membership, whole_number(request.POST.get("expected", ""))
    return _on_speech(request, slug, pk, lambda speech: speaking.give_floor(speech=speech, expected=expected, by=by))


@require_POST
@member_page
def end(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    by = request.membership
    return _on_speech(request, slug, pk, lambda speech: speaking.end_speech(speech=speech, by=by))


@require_POST
@member_page
def move(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    by, direction = request.membership, request.POST.get("direction", "")
    return _on_speech(request, slug, pk, lambda speech: speaking.move_speech(speech=speech, direction=direction, by=by))


@require_POST
@member_page
def close_list(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    item, _role = get_item_for(request.membership, pk)
    closed = request.POST.get("closed") != "0"
    return attempt(
        request,
        lambda: speaking.close_list(item=item, closed=closed, by=request.membership),
        back=_room(slug, item.meeting_id),
    )


@FORM
@member_page
def speaking_rules(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    meeting, role = get_meeting_for(request.membership, pk)
    need(rules.may_lead(role))
    back, stale = _room(slug, pk), None
    if request.method == "POST":
        form = SpeakingRulesForm(request.POST)
    else:
        form = SpeakingRulesForm(initial=SpeakingRulesForm.initial_of(meeting))
    if form.is_valid():
        data = form.cleaned_data
        try:
            speaking.set_speaking_rules(
                meeting=meeting,
                new_towns_first=data["new_towns_first"],
                minutes=data["speaking_minutes"],
                version=data["version"],
                by=request.membership,
            )
            return done(request, _("Saved."), back=back)
        except Refused as no:
            form.add_error(None, str(no))
        except Stale as conflict:
            stale = conflict
    return ask(
        request,
        form,
        title=_("Rules of speaking"),
        submit=_("Save"),
        back=back,
        form_id="speaking-form",
        stale=stale,
    )

"""What is recorded under an item without leaving it: notes, the wording under discussion, decisions, action items."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from collab.live.answers import Refused, Stale, ask, attempt, done, is_htmx, refused
from collab.network.access import MemberRequest, member_page, need
from meetings import rules
from meetings.domain import correction
from meetings.domain import wording as drafts
from meetings.domain.decision import record_decision
from meetings.domain.recording import record_action, record_involvement
from meetings.domain.room import save_notes
from meetings.forms.agenda import NotesForm
from meetings.forms.recording import (
    CorrectionForm,
    DecisionForm,
    MeetingActionForm,
    VoidForm,
    VotedCorrectionForm,
    WordingForm,
)
from meetings.models import AgendaItem, Decision, Meeting
from meetings.queries.agenda import get_item_for
from meetings.queries.decisions import get_decision_for
from meetings.queries.presence import presence_of
from meetings.queries.vote import was_voted_on
from meetings.queries.wording import Draft, last_dropped, open_wording
from workgroups.models import Involvement
from workgroups.queries.texts import whole_number
from workgroups.rules import may_take_on

FORM = require_http_methods(["GET", "POST"])
# What everybody sees happen needs no message.
SEEN = ""


def notes_form(item: AgendaItem) -> NotesForm:
    return NotesForm(initial={"notes": item.notes, "version": item.notes_version})


@FORM
@member_page
def notes(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    """The pen: the notes of an item, in the page beside it (htmx) or as a page of its own."""
    item, role = get_item_for(request.membership, pk)
    back = reverse("meeting", args=[slug, item.meeting_id])
    if request.method == "POST" and is_htmx(request) and not rules.may_write(role):
        # The form may be older than the handing over of the pen.
        why = _("Somebody else takes the minutes now, so your notes were not saved. Your text is still in the form.")
        return refused(request, why, back=back, status=403)
    need(rules.may_write(role))
    form = NotesForm(request.POST) if request.method == "POST" else notes_form(item)
    stale = None
    if request.method == "POST" and form.is_valid():
        try:
            data = form.cleaned_data
            saved = save_notes(item=item, notes=data["notes"], version=data["version"], by=request.membership)
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


@require_GET
@member_page
def notes_version(request: MemberRequest, slug: str, pk: int, number: int) -> HttpResponse:
    """The notes of an item as they were saved once; guests read the present ones only."""
    item, role = get_item_for(request.membership, pk)
    versions = item.notes_versions.select_related("by__person", "by__municipality")
    version = versions.filter(number=min(number, 2**31 - 1)).first()
    if version is None or role == rules.GUEST:
        raise Http404
    context = {"network": item.meeting.network, "item": item, "version": version, "title": _("Earlier notes")}
    return render(request, "meetings/notes_version.html", context)


@FORM
@member_page
def wording(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    """Draft the wording of a decision in full view of all, or amend it; one form, since another may have been first."""
    item, role = get_item_for(request.membership, pk)
    need(rules.may_draft(request.membership, item, role))
    draft = open_wording(item)
    initial = {"text": draft.text, "version": draft.version} if draft else {"text": last_dropped(item), "version": 0}
    form = WordingForm(request.POST if request.method == "POST" else None, initial=initial)
    back, stale = _of_wording(item, slug), None
    if form.is_valid():
        try:
            _save_wording(item, draft, form, request)
            return done(request, SEEN, back=back)
        except Refused as no:
            form.add_error(None, str(no))
        except Stale as conflict:
            stale = conflict
    return ask(
        request,
        form,
        title=_("Amend the wording") if draft else _("Draft a wording"),
        submit=_("Show to everybody"),
        intro=item.title,
        back=back,
        form_id="wording-form",
        draft=f"item-{pk}-wording",
        stale=stale,
    )


def _of_wording(item: AgendaItem, slug: str) -> str:
    """Return where the wording is seen: on the item's own page until the meeting begins."""
    if item.meeting.state == Meeting.State.PLANNED:
        return reverse("item", args=[slug, item.pk])
    return reverse("meeting", args=[slug, item.meeting_id])


def _save_wording(item: AgendaItem, draft: Draft | None, form: WordingForm, request: MemberRequest) -> None:
    data, by = form.cleaned_data, request.membership
    if draft and data["version"]:
        drafts.amend_wording(wording=draft.wording, text=data["text"], version=data["version"], by=by)
    else:
        drafts.draft_wording(item=item, text=data["text"], by=by, request_id=data["request_id"])


@require_POST
@member_page
def drop_wording(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    item, role = get_item_for(request.membership, pk)
    need(rules.may_draft(request.membership, item, role))
    back = _of_wording(item, slug)
    draft = open_wording(item)
    version = whole_number(request.POST.get("version", "")) or 0
    try:
        if draft:
            drafts.drop_wording(wording=draft.wording, version=version, by=request.membership)
    except Refused as no:
        return refused(request, str(no), back=back)
    return done(request, _("The wording was dropped. “Draft a wording” brings its text back."), back=back)


@FORM
@member_page
def decide(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    """Record a decision; the wording under discussion stands in the form."""
    item, role = get_item_for(request.membership, pk)
    need(rules.may_write(role))
    draft = open_wording(item) if request.method == "GET" else None
    seen = {"wording": draft.text, "wording_id": draft.wording.pk, "version": draft.version} if draft else {}
    data = request.POST if request.method == "POST" else None
    form = DecisionForm(data, initial=seen, by=request.membership, group=item.meeting.group)
    back, stale = reverse("meeting", args=[slug, item.meeting_id]), None
    if form.is_valid():
        try:
            decision = record_decision(item=item, by=request.membership, **form.cleaned_data)
            return done(request, _("Decision %(ref)s was recorded.") % {"ref": decision.reference}, back=back)
        except Refused as no:
            form.add_error(None, str(no))
        except Stale as conflict:
            stale = conflict
    # What was typed for one wording is not brought back for another.
    key = form["wording_id"].value() or ""
    return ask(
        request,
        form,
        title=_("Record a decision"),
        submit=_("Record the decision"),
        intro=item.title,
        back=back,
        form_id="decision-form",
        draft=f"item-{pk}-decision-{str(key)[:12]}",
        stale=stale,
        template="meetings/decision_form.html",
        table=presence_of(item.meeting),
    )


@FORM
@member_page
def correct(request: MemberRequest, slug: str, reference: str) -> HttpResponse:
    decision = _to_correct(request, reference)
    initial = CorrectionForm.initial_of(decision)
    voted = VotedCorrectionForm(_sent(request), initial=initial) if was_voted_on(decision) else None
    form = voted or CorrectionForm(_sent(request), initial=initial)

    def change() -> Decision:
        values = voted.result_of(decision) if voted else form.cleaned_data
        return correction.correct_decision(decision=decision, by=request.membership, **values)

    return _correct(
        request,
        decision,
        form,
        change,
        title=_("Correct decision %(ref)s") % {"ref": decision.reference},
        submit=_("Correct"),
        intro=_("What stood there before stays readable, with your reason."),
        message=_("Decision %(ref)s was corrected.") % {"ref": decision.reference},
        name="correct",
        template="forms/form.html" if voted else "meetings/decision_form.html",
    )


@FORM
@member_page
def void(request: MemberRequest, slug: str, reference: str) -> HttpResponse:
    decision = _to_correct(request, reference)
    form = VoidForm(_sent(request), initial={"version": decision.version})
    return _correct(
        request,
        decision,
        form,
        lambda: correction.void_decision(decision=decision, by=request.membership, **form.cleaned_data),
        title=_("Decision %(ref)s was recorded by mistake") % {"ref": decision.reference},
        submit=_("Mark as recorded by mistake"),
        intro=_("Its number stays taken and the entry stays readable, struck through. This cannot be taken back."),
        message=_("Decision %(ref)s is marked as recorded by mistake.") % {"ref": decision.reference},
        name="void",
        danger=True,
    )


def _sent(request: MemberRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _to_correct(request: MemberRequest, reference: str) -> Decision:
    decision = get_decision_for(request.membership, reference)
    need(decision.meeting is not None and rules.may_record(request.membership, decision.meeting))
    return decision


def _correct(
    request: MemberRequest,
    decision: Decision,
    form: forms.Form,
    change: Callable[[], Decision],
    *,
    message: str,
    name: str,
    **more: object,
) -> HttpResponse:
    """Ask for a correction and make it; back leads to the meeting, where it is seen."""
    back, stale = reverse("meeting", args=[decision.network.slug, decision.meeting_id]), None
    if form.is_valid():
        try:
            change()
            return done(request, message, back=back)
        except Refused as no:
            form.add_error(None, str(no))
        except Stale as conflict:
            stale = conflict
    key = f"decision-{decision.pk}-{name}"
    return ask(request, form, back=back, form_id=key, draft=key, stale=stale, **more)  # type: ignore[arg-type]


@FORM
@member_page
def add_action(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    item, role = get_item_for(request.membership, pk)
    need(rules.may_write(role))
    form = MeetingActionForm(request.POST if request.method == "POST" else None, meeting=item.meeting)
    back = reverse("meeting", args=[slug, item.meeting_id])
    if form.is_valid():
        try:
            record_action(item=item, by=request.membership, **form.values())
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
        template="meetings/action_form.html",
    )


@require_POST
@member_page
def take_on(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    """The person's own town takes part in the project that the item is about."""
    item, role = get_item_for(request.membership, pk)
    need(rules.may_propose(role) and may_take_on(request.membership))
    wanted = request.POST.get("role", "")
    back = reverse("meeting", args=[slug, item.meeting_id])
    if wanted not in Involvement.Role:
        return refused(request, _("Choose how your municipality takes part."), back=back, status=422)
    return attempt(request, lambda: record_involvement(item=item, role=wanted, by=request.membership), back=back)

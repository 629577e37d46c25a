"""Minutes: the list, the document, its versions, editing, finalising, and what a later meeting says of them."""

from __future__ import annotations

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from collab.live.answers import Refused, Stale, ask, attempt, done
from collab.network.access import MemberRequest, member_page, need
from meetings import rules
from meetings.domain.approval import approve as approve_minutes
from meetings.domain.approval import object_to, take_back
from meetings.domain.finalise import finalise as finalise_minutes
from meetings.domain.minutes import edit_foot, edit_text, text_now
from meetings.forms.minutes import FinaliseForm, FootForm, ObjectionForm, TextForm
from meetings.models import AgendaItem, Meeting, Minutes, MinutesVersion
from meetings.queries.agenda import get_item_for
from meetings.queries.minutes import (
    chain_of,
    get_minutes_for,
    get_version,
    newest_version,
    open_objections,
)
from meetings.queries.minutes_content import content_of, content_of_version, seal_of
from meetings.queries.minutes_diff import differences
from meetings.queries.minutes_list import STATES, MinutesFilter, group_choices, groups_read, year_choices
from meetings.queries.visibility import minutes_without_inside
from meetings.rules.minutes import may_edit_minutes, sees_draft

FORM = require_http_methods(["GET", "POST"])
# What everybody sees happen needs no message.
SEEN = ""
STATE_LABELS = {
    "draft": pgettext_lazy("minutes", "Draft"),
    "finalised": pgettext_lazy("minutes", "Finalised, not approved yet"),
    "approved": pgettext_lazy("minutes", "Approved"),
}


class MinutesFilterForm(forms.Form):
    """The bar above the list."""

    year = forms.ChoiceField(label=gettext_lazy("Year"), required=False)
    group = forms.ChoiceField(label=gettext_lazy("Group"), required=False)
    state = forms.ChoiceField(label=gettext_lazy("State"), required=False)
    q = forms.CharField(
        label=gettext_lazy("Search"), required=False, widget=forms.TextInput(attrs={"type": "search", "maxlength": 80})
    )

    def __init__(self, network_id: int, groups: list[int], wanted: MinutesFilter) -> None:
        values = ("year", "group", "state", "q")
        super().__init__(initial={name: getattr(wanted, name) for name in values}, auto_id="filter_%s")
        for name, every, choices in (
            ("year", _("All years"), year_choices(network_id, groups)),
            ("group", _("All groups"), group_choices(network_id, groups)),
            ("state", _("All states"), [(state, STATE_LABELS[state]) for state in STATES]),
        ):
            self.fields[name].choices = [("", every), *choices]  # type: ignore[attr-defined]


@require_safe
@member_page
def minutes_list(request: MemberRequest, slug: str) -> HttpResponse:
    if request.membership.is_guest:
        raise Http404
    network, wanted = request.membership.network, MinutesFilter.parse(request.GET)
    bar = MinutesFilterForm(network.pk, groups_read(request.membership), wanted)
    context = {"network": network, "section": "decisions", "wanted": wanted, "filter": bar}
    return render(request, "meetings/minutes_list.html", context)


@require_safe
@member_page
def show(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    minutes, _role = get_minutes_for(request.membership, pk)
    meeting = minutes.meeting
    return render(
        request, "meetings/minutes.html", {"network": meeting.network, "section": "decisions", "meeting": meeting}
    )


@require_safe
@member_page
def version(request: MemberRequest, slug: str, pk: int, number: int) -> HttpResponse:
    """A finalised version as it was frozen, and what it changed against the one before it."""
    minutes, role = get_minutes_for(request.membership, pk)
    found = get_version(minutes, number)
    before = get_version(minutes, number - 1) if number > 1 else None
    content = content_of_version(found)
    earlier = content_of_version(before) if before else None
    if not sees_draft(role):
        content = minutes_without_inside(content)
        earlier = minutes_without_inside(earlier) if earlier else None
    newest = newest_version(minutes)
    context = {
        "network": minutes.meeting.network,
        "section": "decisions",
        "meeting": minutes.meeting,
        "version": found,
        "newest": newest,
        "is_newest": newest is not None and newest.number == found.number,
        "content": content,
        "differences": differences(earlier, content) if earlier else [],
    }
    return render(request, "meetings/minutes_version.html", context)


def _editable(request: MemberRequest, pk: int) -> Minutes:
    minutes, role = get_minutes_for(request.membership, pk)
    need(may_edit_minutes(role))
    return minutes


@FORM
@member_page
def text(request: MemberRequest, slug: str, pk: int, item: int) -> HttpResponse:
    """What the minutes say of an item."""
    minutes = _editable(request, pk)
    about = get_object_or_404(AgendaItem, pk=item, meeting=minutes.meeting)
    now = text_now(minutes, about)
    initial = {"result": now.result, "notes": now.notes, "version": now.version}
    form = TextForm(request.POST if request.method == "POST" else None, initial=initial)
    back, stale = reverse("minutes", args=[slug, pk]), None
    if form.is_valid():
        try:
            edit_text(minutes=minutes, item=about, by=request.membership, **form.cleaned_data)
            return done(request, SEEN, back=back)
        except Refused as no:
            form.add_error(None, str(no))
        except Stale as conflict:
            stale = conflict
    return ask(
        request,
        form,
        title=_("Minutes of “%(title)s”") % {"title": about.title},
        submit=_("Save"),
        intro=_("Decisions, votes and attendance come from the meeting and cannot be edited here."),
        back=back,
        form_id="minutes-text-form",
        draft=f"minutes-{pk}-item-{item}",
        stale=stale,
    )


@FORM
@member_page
def foot(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    """The remarks and the distribution list."""
    minutes = _editable(request, pk)
    form = FootForm(request.POST if request.method == "POST" else None, initial=FootForm.initial_of(minutes))
    back, stale = reverse("minutes", args=[slug, pk]), None
    if form.is_valid():
        try:
            edit_foot(minutes=minutes, by=request.membership, **form.cleaned_data)
            return done(request, SEEN, back=back)
        except Refused as no:
            form.add_error(None, str(no))
        except Stale as conflict:
            stale = conflict
    return ask(
        request,
        form,
        title=_("Remarks and distribution list"),
        submit=_("Save"),
        intro=_("The annexes come from the meeting: the files at its items."),
        back=back,
        form_id="minutes-foot-form",
        draft=f"minutes-{pk}-foot",
        stale=stale,
    )


@FORM
@member_page
def finalise(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    """Freeze the draft as a version that nobody changes any more."""
    minutes = _editable(request, pk)
    last = newest_version(minutes)
    form = FinaliseForm(
        request.POST if request.method == "POST" else None,
        is_first=last is None or (last.number == 1 and request.POST.get("request_id") == str(last.request_id)),
        objections=open_objections(minutes),
        initial={"version": minutes.version, "seen": _seen(minutes) if request.method == "GET" else ""},
    )
    back = reverse("minutes", args=[slug, pk])
    if form.is_valid():
        try:
            made = finalise_minutes(minutes=minutes, by=request.membership, **form.cleaned_data)
            return done(request, _("Version %(number)s is finalised.") % {"number": made.number}, back=back)
        except Refused as no:
            form.add_error(None, str(no))
    return ask(
        request,
        form,
        title=_("Finalise the minutes"),
        submit=_("Finalise"),
        intro=_(
            "This version is then never changed again, and the members of the network read it. What turns out to be "
            "wrong is put right by a new version that says what it changes."
        ),
        back=back,
        form_id="minutes-finalise-form",
        draft=f"minutes-{pk}-finalise" if last else "",
    )


def _seen(minutes: Minutes) -> str:
    return seal_of(content_of(minutes)) if minutes.meeting.state == Meeting.State.CLOSED else ""


@require_POST
@member_page
def approve(request: MemberRequest, slug: str, pk: int, version: int) -> HttpResponse:
    item, role = _approval_item(request, pk)
    need(rules.may_write(role))
    found = _at_item(request, item, version)
    back = reverse("meeting", args=[slug, item.meeting_id])
    return attempt(request, lambda: approve_minutes(version=found, item=item, by=request.membership), back=back)


@require_POST
@member_page
def unapprove(request: MemberRequest, slug: str, pk: int, version: int) -> HttpResponse:
    item, role = _approval_item(request, pk)
    need(rules.may_write(role))
    found = _at_item(request, item, version)
    back = reverse("meeting", args=[slug, item.meeting_id])
    return attempt(request, lambda: take_back(version=found, item=item, by=request.membership), back=back)


@FORM
@member_page
def object_(request: MemberRequest, slug: str, pk: int, version: int) -> HttpResponse:
    """What the person's municipality objects to in the minutes of an earlier meeting."""
    item, role = _approval_item(request, pk)
    need(rules.may_act_for_town(request.membership, request.membership.municipality_id or "-", role))
    found = _at_item(request, item, version)
    form = ObjectionForm(request.POST if request.method == "POST" else None)
    back = reverse("meeting", args=[slug, item.meeting_id])
    if form.is_valid():
        try:
            object_to(version=found, item=item, by=request.membership, **form.cleaned_data)
            return done(request, _("Your objection is recorded."), back=back)
        except Refused as no:
            form.add_error(None, str(no))
    of = found.minutes.meeting
    return ask(
        request,
        form,
        title=_("Objection to the minutes"),
        submit=_("Record the objection"),
        intro=_("“%(title)s” on %(date)s. Your municipality is named, and the objection is shown to all.")
        % {"title": of.title, "date": date_format(of.held_on, "DATE_FORMAT")},
        back=back,
        form_id="minutes-objection-form",
        draft=f"minutes-{of.pk}-objection",
    )


def _approval_item(request: MemberRequest, pk: int) -> tuple[AgendaItem, str]:
    """Return the item and the standing in its meeting; what becomes of minutes is not for guests (Http404)."""
    item, role = get_item_for(request.membership, pk)
    if role == rules.GUEST:
        raise Http404
    return item, role


def _at_item(request: MemberRequest, item: AgendaItem, pk: int) -> MinutesVersion:
    """Return a version of the chain to which the item's meeting belongs; raises Http404 for any other."""
    found = get_object_or_404(MinutesVersion, pk=pk, chain=chain_of(item.meeting), network=item.meeting.network_id)
    get_minutes_for(request.membership, found.minutes.meeting_id)
    return found

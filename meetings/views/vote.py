"""Votes: putting a wording to the vote, casting voices, closing, withdrawing; giving one's voice to somebody else."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from collab.live.answers import Refused, Stale, VersionForm, ask, done, refused
from collab.network.access import MemberRequest, member_page, need
from collab.network.models import Municipality
from meetings import rules
from meetings.domain import proxy as proxies
from meetings.domain.outcome import Outcome
from meetings.domain.voice import cast_voice
from meetings.domain.vote import close_vote, open_vote, withdraw_vote
from meetings.forms.vote import ProxyForm, VoiceForm, VoteForm, WithdrawForm, answer_choices
from meetings.models import Vote
from meetings.queries.agenda import get_item_for, get_meeting_for
from meetings.queries.presence import KEY, get_town_at
from meetings.queries.vote import (
    count_of,
    get_vote_for,
    proxy_of,
    silent_towns,
    towns_with_a_voice,
    voice_now,
    voted_towns,
)
from meetings.queries.wording import open_wording
from workgroups.queries.group import expected_towns
from workgroups.rules import towns_needed

FORM = require_http_methods(["GET", "POST"])
# What everybody sees happen needs no message.
SEEN = ""


def _sent(request: MemberRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _need_member(request: MemberRequest) -> None:
    """Raise Http404 for guests: they are not told that there are votes."""
    if request.membership.is_guest:
        raise Http404


def _back(vote: Vote, slug: str) -> str:
    return (
        reverse("meeting", args=[slug, vote.meeting_id]) if vote.meeting_id else reverse("vote", args=[slug, vote.pk])
    )


@FORM
@member_page
def open_(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    """Put a wording to the vote; the one under discussion stands in the form."""
    item, role = get_item_for(request.membership, pk)
    _need_member(request)
    need(rules.may_hold_vote(role))
    draft = open_wording(item) if request.method == "GET" else None
    seen = {"text": draft.text, "wording_id": draft.wording.pk, "version": draft.version} if draft else {}
    form = VoteForm(_sent(request), initial=seen)
    back, stale = reverse("meeting", args=[slug, item.meeting_id]), None
    if form.is_valid():
        try:
            open_vote(item=item, by=request.membership, **form.cleaned_data)
            return done(request, SEEN, back=back)
        except Refused as no:
            form.add_error(None, str(no))
        except Stale as conflict:
            stale = conflict
            if now := open_wording(item):
                form.go_on_from(now.wording.pk)
    group, expected = item.meeting.group, expected_towns(item.meeting.group, item.meeting.held_on).count()
    return ask(
        request,
        form,
        title=_("Put to the vote"),
        submit=_("Open the vote"),
        intro=item.title,
        back=back,
        form_id="vote-form",
        draft=f"item-{pk}-vote",
        stale=stale,
        template="meetings/vote_form.html",
        group=group,
        needed=towns_needed(group.quorum, group.quorum_number, expected),
        expected=expected,
        voting=len(towns_with_a_voice(item.meeting)),
    )


@FORM
@member_page
def close(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    """Close the vote; who has not voted yet is named before."""
    vote, role = get_vote_for(request.membership, pk)
    need(rules.may_hold_vote(role) and not vote.is_circular)
    form = VersionForm(_sent(request), initial={"version": vote.version})
    back = _back(vote, slug)
    if form.is_valid():
        try:
            closed = close_vote(vote=vote, expected=form.cleaned_data["version"], by=request.membership)
            return done(request, _closed_message(closed), back=back)
        except Refused as no:
            form.add_error(None, str(no))
    return ask(
        request,
        form,
        title=_("Close the vote"),
        submit=_("Close and count"),
        back=back,
        form_id="vote-close-form",
        template="meetings/vote_close_form.html",
        vote=vote,
        count=count_of(vote),
        silent=list(silent_towns(vote)),
    )


def _closed_message(vote: Vote) -> str:
    if vote.outcome == Outcome.OBJECTED:
        return _("There are objections, so nothing is decided. The wording stays under discussion.")
    return _("Decision %(ref)s was recorded.") % {"ref": vote.decision}


@FORM
@member_page
def withdraw(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    vote, role = get_vote_for(request.membership, pk)
    need(rules.may_hold_vote(role) and not vote.is_circular)
    form = WithdrawForm(_sent(request))
    back = _back(vote, slug)
    if form.is_valid():
        try:
            withdraw_vote(vote=vote, by=request.membership, **form.cleaned_data)
            return done(request, SEEN, back=back)
        except Refused as no:
            form.add_error(None, str(no))
    return ask(
        request,
        form,
        title=_("Withdraw the vote"),
        submit=_("Withdraw the vote"),
        intro=_("The vote ends without a result. The wording stays under discussion."),
        danger=True,
        back=back,
        form_id="vote-withdraw-form",
        draft=f"vote-{pk}-withdraw",
    )


@FORM
@member_page
def voice(request: MemberRequest, slug: str, pk: int, ags: str) -> HttpResponse:
    """Cast a municipality's voice: by one click (`quick`), or with a reason in the form.

    What the town has said so far is in the form, and nowhere else as long as the vote is open.
    """
    vote, _role = get_vote_for(request.membership, pk)
    town = _town_in(vote, request.membership.municipality_id or "" if ags == "own" else ags)
    capacity = rules.capacity_in(request.membership, town.pk, vote)
    need(capacity is not None)
    back = _back(vote, slug)
    said = voice_now(vote, town.pk) if request.method == "GET" else None
    if said and rules.is_weaker(str(capacity), than=said.capacity):
        said = None  # a proxy does not learn what the town has said itself
    form, stale = VoiceForm(_sent(request), vote=vote, said=said, chosen=request.GET.get("answer", "")), None
    if form.is_valid():
        try:
            data = form.cleaned_data
            cast_voice(vote=vote, municipality=town, by=request.membership, **data)
            told = {"town": town, "answer": dict(answer_choices(vote))[data["answer"]]}
            return done(request, _("%(town)s: %(answer)s. Until the vote ends you can change it.") % told, back=back)
        except Refused as no:
            form.add_error(None, str(no))
        except Stale as conflict:
            stale = conflict
            if request.POST.get("quick"):
                why = _("%(who)s has voted for %(town)s meanwhile. Open the form to see what was said.")
                return refused(request, why % {"who": conflict.who, "town": town}, back=back)
    if form.is_bound and request.POST.get("quick"):
        status = 409 if form.non_field_errors() else 422
        return refused(request, str(next(iter(form.errors.values()))[0]), back=back, status=status)
    return ask(
        request,
        form,
        title=_("%(town)s votes") % {"town": town},
        submit=_("Cast the voice"),
        back=back,
        form_id="voice-form",
        stale=stale,
        draft=f"vote-{pk}-voice-{town.pk}",
        template="meetings/voice_form.html",
        vote=vote,
        town=town,
        by_another=said if said and said.by_id != request.membership.pk else None,
    )


def _town_in(vote: Vote, ags: str) -> Municipality:
    """Return a municipality that is or was a member of the vote's network; raises Http404 for any other."""
    towns = Municipality.objects.filter(pk=ags, accessions__network=vote.network_id)
    town = towns.distinct().first() if KEY.fullmatch(ags) else None
    if town is None:
        raise Http404
    return town


@require_GET
@member_page
def towns(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    """All municipalities that have not voted yet, and those that have; not what."""
    vote, _role = get_vote_for(request.membership, pk)
    context = {
        "network": vote.network,
        "vote": vote,
        "title": _("Who has voted"),
        "count": count_of(vote),
        "silent": list(silent_towns(vote)),
        "voted": list(voted_towns(vote)),
        "back": _back(vote, slug),
    }
    return render(request, "meetings/vote_towns.html", context)


@FORM
@member_page
def proxy(request: MemberRequest, slug: str, pk: int, ags: str) -> HttpResponse:
    """Give the own town's voice in a meeting to somebody at the table, or take it back."""
    meeting, role = get_meeting_for(request.membership, pk)
    _need_member(request)
    town = get_town_at(meeting, request.membership.municipality_id or "" if ags == "own" else ags)
    need(rules.may_give_proxy(request.membership, town.pk, meeting.group, role))
    form = ProxyForm(_sent(request), meeting=meeting, ags=town.pk, now=proxy_of(meeting, town.pk))
    back = reverse("meeting", args=[slug, pk])
    if form.is_valid():
        values = {"meeting": meeting, "municipality": town, "version": form.cleaned_data["version"]}
        try:
            if holder := form.cleaned_data["holder"]:
                proxies.give_proxy(holder=holder, by=request.membership, **values)
            else:
                proxies.take_proxy_back(by=request.membership, **values)
            return done(request, _("Saved."), back=back)
        except Refused as no:
            form.add_error(None, str(no))
    return ask(
        request,
        form,
        title=_("%(town)s: proxy for this meeting") % {"town": town},
        submit=_("Save"),
        back=back,
        form_id=f"proxy-form-{pk}",
    )

"""Votes by circulation: the list, one vote, and what is done with it; who deputises for the own town."""

from __future__ import annotations

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from collab.live.answers import Refused, Stale, ask, done
from collab.network.access import MemberRequest, member_page, need
from collab.network.models import Membership
from meetings.domain.circular import open_circular, withdraw_circular
from meetings.domain.deputy import DeputyNow, set_deputy
from meetings.domain.objection import object_to_procedure
from meetings.forms.circular import CircularForm, DeputyForm, ObjectionForm, VoteFilterForm, WithdrawCircularForm
from meetings.models import Vote
from meetings.queries.circular import VoteFilter, deputy_of, groups_to_ask, groups_voting_inside, people_of
from meetings.queries.vote import count_of, get_vote_for
from meetings.rules.circular import may_name_deputy, may_object, may_run_circular
from workgroups.models import Group
from workgroups.queries.group import get_group_inside_for
from workgroups.queries.project import blocks_of
from workgroups.rules import may_read_log

FORM = require_http_methods(["GET", "POST"])


@require_safe
@member_page
def vote_list(request: MemberRequest, slug: str) -> HttpResponse:
    if not may_read_log(request.membership):
        raise Http404
    network, wanted = request.membership.network, VoteFilter.parse(request.GET)
    context = {
        "network": network,
        "section": "decisions",
        "wanted": wanted,
        "filter": VoteFilterForm(network.pk, groups_voting_inside(request.membership), wanted),
        "first_group": _first_to_ask(request.membership),
    }
    return render(request, "meetings/votes.html", context)


def _first_to_ask(membership: Membership) -> Group | None:
    """Return the group that the form for a new vote begins with: the officers' exchange, where it may be asked."""
    groups = groups_to_ask(membership)
    return groups.filter(kind=Group.Kind.OFFICERS).first() or groups.first()


@require_safe
@member_page
def show(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    """The page of any vote; one by circulation with its wording, its deadline and what can be done."""
    vote, _role = get_vote_for(request.membership, pk)
    context = {
        "network": request.membership.network,
        "section": "decisions",
        "vote": vote,
        "towns": count_of(vote).towns,
        "topic": blocks_of(vote.network_id).get(vote.topic, ""),
    }
    return render(request, "meetings/circular.html", context)


@FORM
@member_page
def add(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    group = get_group_inside_for(request.membership, pk)
    need(may_run_circular(request.membership, group))
    groups = groups_to_ask(request.membership)
    form = CircularForm(
        _sent(request),
        network=request.membership.network,
        groups=groups,
        today=request.today,
        initial={"group": group.pk, "visibility": Vote._meta.get_field("visibility").default},
    )
    if form.is_valid():
        try:
            vote = open_circular(by=request.membership, **form.cleaned_data)
            return done(request, _opened(form), back=reverse("vote", args=[slug, vote.pk]), go=True)
        except Refused as no:
            form.add_error(None, str(no))
    return ask(
        request,
        form,
        title=_("New vote by circulation"),
        submit=_("Put to the vote"),
        intro=_("All municipalities of the group are mailed the proposal, and reminded before the end."),
        back=reverse("vote_list", args=[slug]),
        form_id="circular-form",
        draft=f"circular-add-{slug}",
        section="decisions",
    )


def _opened(form: CircularForm) -> str:
    day, at = form.cleaned_data["deadline_on"], form.cleaned_data["deadline_time"]
    end = {"day": date_format(day, "DATE_FORMAT"), "time": time_format(at, "TIME_FORMAT")}
    return _("The vote is open until %(day)s, %(time)s.") % end


@FORM
@member_page
def withdraw(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    vote = _circular(request, pk)
    need(may_run_circular(request.membership, vote.group))
    form = WithdrawCircularForm(_sent(request))
    back = reverse("vote", args=[slug, pk])
    if form.is_valid():
        try:
            withdraw_circular(vote=vote, by=request.membership, **form.cleaned_data)
            return done(request, _("The vote was withdrawn."), back=back)
        except Refused as no:
            form.add_error(None, str(no))
    return ask(
        request,
        form,
        title=_("Withdraw the vote"),
        submit=_("Withdraw"),
        intro=_("“%(subject)s” ends without a result. The voices cast so far do not count and are shown to nobody.")
        % {"subject": vote.subject},
        back=back,
        form_id="circular-withdraw-form",
        draft=f"vote-{pk}-withdraw",
        danger=True,
        section="decisions",
    )


@FORM
@member_page
def object_(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    """Object to the procedure in the name of the own town."""
    vote = _circular(request, pk)
    need(may_object(request.membership, vote))
    form = ObjectionForm(_sent(request))
    back = reverse("vote", args=[slug, pk])
    if form.is_valid():
        try:
            object_to_procedure(vote=vote, by=request.membership, **form.cleaned_data)
            return done(request, _("The vote is void. The proposal comes up at a meeting."), back=back)
        except Refused as no:
            form.add_error(None, str(no))
    return ask(
        request,
        form,
        title=_("Object to the procedure"),
        submit=_("Object"),
        intro=_(
            "With an objection of %(town)s the vote is void at once, and the proposal goes onto the agenda of the next "
            "meeting. If you are only against the proposal, vote “No” instead."
        )
        % {"town": request.membership.acts_for},
        back=back,
        form_id="objection-form",
        draft=f"vote-{pk}-object",
        danger=True,
        section="decisions",
    )


@FORM
@member_page
def deputy(request: MemberRequest, slug: str) -> HttpResponse:
    """Who votes by circulation for the own town where its officer does not."""
    membership = request.membership
    if membership.is_guest:
        raise Http404
    need(may_name_deputy(membership))
    now = DeputyNow(deputy_of(membership.network_id, membership.municipality_id or ""))
    form = DeputyForm(_sent(request), people=people_of(membership), now=now)
    back, stale = reverse("members", args=[slug]), None
    if form.is_valid():
        try:
            set_deputy(by=membership, **form.cleaned_data)
            return done(request, _("The deputy is saved."), back=back)
        except Refused as no:
            form.add_error(None, str(no))
        except Stale as conflict:
            stale = conflict
    return ask(
        request,
        form,
        title=_("Deputy for votes by circulation"),
        submit=_("Save"),
        intro=_(
            "The deputy gets the same mails and may vote for %(town)s. As soon as you vote yourself, your voice counts."
        )
        % {"town": membership.acts_for},
        back=back,
        form_id="deputy-form",
        stale=stale,
        section="members",
    )


def _circular(request: MemberRequest, pk: int) -> Vote:
    """Return the vote by circulation; 404 where the member may not see it, and for votes in the room."""
    vote, _role = get_vote_for(request.membership, pk)
    if not vote.is_circular:
        raise Http404
    return vote


def _sent(request: MemberRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None

"""The parking lot of a group: park an idea, put it on an agenda, drop it, take it up again."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from collab.live.answers import Refused, ask, attempt, done
from collab.network.access import MemberRequest, member_page, need
from meetings import rules
from meetings.domain import ideas
from meetings.forms.closing import IdeaForm, TakeForm
from meetings.models import Idea
from meetings.queries.ideas import get_idea_for, meetings_to_come
from workgroups.queries.group import get_group_inside_for

FORM = require_http_methods(["GET", "POST"])


def _back(slug: str) -> str:
    """Return where it leads without JavaScript: the parking lot stands on several pages."""
    return reverse("home", args=[slug])


@FORM
@member_page
def add(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    group = get_group_inside_for(request.membership, pk)
    need(rules.may_park(request.membership, group))
    form = IdeaForm(request.POST if request.method == "POST" else None)
    back = _back(slug)
    if form.is_valid():
        try:
            ideas.park_idea(group=group, by=request.membership, **form.cleaned_data)
            return done(request, _("The idea is in the parking lot."), back=back)
        except Refused as no:
            form.add_error(None, str(no))
    return ask(
        request,
        form,
        title=_("Park an idea"),
        submit=_("Park it"),
        intro=_("A topic for a later meeting of “%(group)s”.") % {"group": group.name},
        back=back,
        form_id="idea-form",
        draft=f"group-{pk}-idea",
    )


@FORM
@member_page
def take(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    idea = get_idea_for(request.membership, pk)
    need(rules.may_plan(request.membership, idea.group))
    meetings = meetings_to_come(idea.group)
    form = TakeForm(request.POST if request.method == "POST" else None, meetings=meetings)
    back = _back(slug)
    if form.is_valid():
        try:
            item = ideas.take_idea(idea=idea, meeting=form.cleaned_data["meeting"], by=request.membership)
            return done(request, _("It is on the agenda of %(meeting)s.") % {"meeting": item.meeting}, back=back)
        except Refused as no:
            form.add_error(None, str(no))
    nothing = _("No meeting of the group is planned. Plan one first.")
    return ask(
        request,
        form,
        title=_("Put the idea on an agenda"),
        submit=_("Put on the agenda"),
        intro=idea.title if meetings.exists() else nothing,
        back=back,
        form_id="idea-take-form",
    )


@require_POST
@member_page
def drop(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    message = _("The idea was dropped. Below the list it can be taken up again.")
    return _change(request, slug, pk, lambda idea: ideas.drop_idea(idea=idea, by=request.membership), message)


@require_POST
@member_page
def restore(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    message = _("The idea is in the parking lot again.")
    return _change(request, slug, pk, lambda idea: ideas.restore_idea(idea=idea, by=request.membership), message)


def _change(request: MemberRequest, slug: str, pk: int, change: Callable[[Idea], object], message: str) -> HttpResponse:
    idea = get_idea_for(request.membership, pk)
    need(rules.may_plan(request.membership, idea.group))
    return attempt(request, lambda: change(idea), back=_back(slug), message=message)

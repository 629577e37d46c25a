"""Taking on, leaving, handing over, proposing and joining projects, and answering what one's town is asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.forms import BaseForm
from django.http import HttpResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from collab.live.answers import Refused, ask, attempt, done, refused
from collab.network.access import MemberRequest, member_page, need
from workgroups import rules
from workgroups.domain import involvement, offer
from workgroups.domain.involvement import LeadTaken, mark_of
from workgroups.forms.involvement import DeclineForm, HandOverForm, JoinForm, LeaveForm, ProposeForm, TakeOnForm
from workgroups.models import Involvement, Offer, Project
from workgroups.queries.involvement import (
    deciding_town,
    get_offer_for,
    has_led,
    lead_of,
    part_of_town,
    town_choices,
)
from workgroups.queries.project import get_project_for, projects_of
from workgroups.queries.similar import similar_to

Role = Involvement.Role
FORM = require_http_methods(["GET", "POST"])


@FORM
@member_page
def take_on(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    """A button sends the role alone; the form says more: since when, with what note, and what it was shown."""
    by, project = request.membership, get_project_for(request.membership, pk)
    need(rules.may_take_on(by))
    if request.method == "POST" and "seen" not in request.POST:
        return _claim(request, project, request.POST.get("role", ""))
    part = part_of_town(pk, by.municipality_id)
    asked = request.GET.get("instead") or request.GET.get("role", "")
    initial = {"role": asked if asked in Role else part.role if part else "", "note": part.note if part else ""}
    form = TakeOnForm(_posted(request), initial={**initial, "seen": mark_of(part)})
    title = _("Take part in “%(title)s”")
    if part:
        title = _("Part of %(town)s in “%(title)s”")
        form.fields["since"].help_text = _("Leave it empty: the day stays, another part begins today.")
    return _form(
        request,
        form,
        lambda values: involvement.take_on(project=project, by=by, **values),
        project=project,
        message=_("Saved. Everybody sees it now."),
        title=title % {"title": project.title, "town": by.acts_for},
        submit=_("Save"),
        intro=_intro(project, part, by.acts_for),
        form_id=f"take-on-{pk}",
        template="workgroups/take_on_form.html",
        part=part,
        project_id=pk,
        network=by.network,
        town=by.municipality,
    )


def _claim(request: MemberRequest, project: Project, role: str) -> HttpResponse:
    """Answer a button: taken on, or who was faster; then the form opens, with contributing chosen."""
    slug, back = request.membership.network.slug, _to(project)
    if role not in Role:
        return refused(request, _("Choose the part of your municipality."), back=back, status=422)
    try:
        involvement.take_on(project=project, role=role, by=request.membership, gives_up_nothing=True)
    except LeadTaken as taken:
        answer = refused(request, str(taken), back=back)
        instead = f"{reverse('project_take_on', args=[slug, project.pk])}?instead={Role.CONTRIBUTOR}"
        answer["HX-Trigger"] = json.dumps({"collab:ask": {"url": instead}})
        return answer
    except Refused as no:
        return refused(request, str(no), back=back)
    return done(request, "", back=back)


def _intro(project: Project, part: Involvement | None, town: str) -> str:
    names: dict[str, Any] = {"town": town}
    if part:
        names |= {"role": part.get_role_display(), "since": _date(part.since)}
        return _("%(town)s: %(role)s since %(since)s.") % names
    lead = lead_of(project.pk)
    if lead is None:
        return _("Nobody leads this project yet.")
    return _("%(lead)s has led this project since %(since)s.") % {"lead": lead.municipality, "since": _date(lead.since)}


@FORM
@member_page
def leave(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    by, project = request.membership, get_project_for(request.membership, pk)
    need(rules.may_take_on(by))
    part = part_of_town(pk, by.municipality_id)
    why = _("%(town)s will no longer take part in “%(title)s”. That it did stays on record.")
    if part and part.role == Role.LEAD:
        why += " " + _("Nobody leads the project then, until another municipality takes it on.")
    none = _("%(town)s does not take part in “%(title)s”.")
    return _form(
        request,
        LeaveForm(_posted(request), initial={"seen": mark_of(part)}),
        lambda values: involvement.leave(project=project, by=by, **values),
        project=project,
        message=_("Your municipality no longer takes part."),
        title=_("Leave the project"),
        submit=_("Leave"),
        intro=(why if part else none) % {"town": by.acts_for, "title": project.title},
        form_id=f"leave-{pk}",
        danger=True,
    )


@FORM
@member_page
def hand_over(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    by, project = request.membership, get_project_for(request.membership, pk)
    # Who led once is told by the domain that this is over; nobody else hands over what was never theirs.
    need(rules.may_take_on(by) and has_led(pk, by.municipality_id))
    return _form(
        request,
        HandOverForm(_posted(request), towns=town_choices(by.network_id, [by.municipality_id])),
        lambda values: involvement.hand_over(project=project, by=by, **values),
        project=project,
        message=_("The municipality was asked. Until it says yes, yours has the lead."),
        title=_("Hand over the lead"),
        submit=_("Ask this municipality"),
        intro=project.title,
        form_id=f"hand-over-{pk}",
        draft=f"project-hand-over-{pk}",
    )


@FORM
@member_page
def propose(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    by, project = request.membership, get_project_for(request.membership, pk)
    need(rules.may_propose_part(by))
    initial = {"role": Role.REUSER if lead_of(pk) else Role.LEAD}
    return _form(
        request,
        ProposeForm(_posted(request), towns=town_choices(by.network_id), initial=initial),
        lambda values: involvement.propose_part(project=project, by=by, **values),
        project=project,
        message=_("The municipality was asked. It decides by itself."),
        title=_("Propose to a municipality"),
        submit=_("Propose"),
        intro=project.title,
        form_id=f"propose-{pk}",
        draft=f"project-propose-{pk}",
    )


@FORM
@member_page
def join(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    """Who decides about the project joins it; everybody else who works here asks the town that does."""
    by, project = request.membership, get_project_for(request.membership, pk)
    decides = rules.may_join(by, deciding_town(project))
    need(decides or rules.may_propose_join(by))
    form = JoinForm(
        _posted(request),
        projects=projects_of(by.network_id).exclude(pk=pk),
        similar=[entry.pk for entry in similar_to(by.network_id, pk)],
        initial=request.GET.get("into", ""),
        asks=not decides,
    )
    does = _(
        "“%(title)s” ends and goes on in the other project. What is written stays readable; the other towns that "
        "take part are asked whether they do so there."
    )
    asks = _("The town that leads “%(title)s” is asked whether it goes on in the other project. It decides by itself.")
    return _form(
        request,
        form,
        lambda values: _join(project, values, by, decides),
        project=project,
        message=_("The projects were joined.") if decides else _("The municipality was asked. It decides by itself."),
        title=_("Join two projects"),
        submit=_("Join") if decides else _("Propose"),
        intro=(does if decides else asks) % {"title": project.title},
        form_id=f"join-{pk}",
        draft="" if decides else f"project-join-{pk}",
    )


def _join(project: Project, values: dict[str, Any], by: Any, decides: bool) -> object:
    values = {**values, "project": project, "by": by}
    if not decides:
        return involvement.propose_join(**values)
    values.pop("request_id")
    return involvement.join(**values)


# -- what one's town is asked ------------------------------------------------------------------------------------------


@require_POST
@member_page
def accept(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    found = _offer_to_answer(request, pk)
    message = _("Your municipality has said yes.")
    return attempt(
        request,
        lambda: offer.accept_offer(offer=found, by=request.membership),
        back=_home(slug),
        message=message,
    )


@FORM
@member_page
def decline(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    found = _offer_to_answer(request, pk)
    return _form(
        request,
        DeclineForm(_posted(request)),
        lambda values: offer.decline_offer(offer=found, by=request.membership, **values),
        back=_home(slug),
        message=_("Your municipality has said no."),
        title=_("Say no"),
        submit=_("Say no"),
        intro=str(found.project or found.action),
        form_id=f"decline-{pk}",
    )


@require_POST
@member_page
def withdraw(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    found = get_offer_for(request.membership, pk)
    need(rules.may_withdraw_offer(request.membership, found.made_by))
    return attempt(
        request,
        lambda: offer.withdraw_offer(offer=found, by=request.membership),
        back=_to(found.project) if found.project else _home(slug),
        message=_("The question was taken back."),
    )


def _offer_to_answer(request: MemberRequest, pk: int) -> Offer:
    found = get_offer_for(request.membership, pk)
    is_work = found.kind == Offer.Kind.ACTION
    need(rules.may_answer_offer(request.membership, found.municipality_id, is_work=is_work))
    return found


# -- in common ---------------------------------------------------------------------------------------------------------


def _form(
    request: MemberRequest,
    form: BaseForm,
    save: Callable[[dict[str, Any]], object],
    *,
    message: str,
    project: Project | None = None,
    back: str = "",
    **shown: Any,
) -> HttpResponse:
    back = back or (_to(project) if project else "")
    if form.is_valid():
        try:
            save(form.cleaned_data)
            return done(request, message, back=back)
        except Refused as no:
            form.add_error(None, str(no))
    return ask(request, form, section="projects", back=back, **shown)


def _posted(request: MemberRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _to(project: Project) -> str:
    return reverse("project", args=[project.network.slug, project.pk])


def _home(slug: str) -> str:
    return reverse("home", args=[slug])


def _date(day: Any) -> str:
    return date_format(day, "SHORT_DATE_FORMAT")

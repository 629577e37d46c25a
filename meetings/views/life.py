"""What becomes of a decision: the steps of its life, what towns make of it, what carries it out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.forms import BaseForm
from django.http import Http404, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST

from collab.live.answers import Refused, Stale, ask, attempt, done
from collab.network.access import MemberRequest, member_page, need
from meetings.domain import carrying_out
from meetings.domain.adoption import say_adoption
from meetings.domain.life import Kind
from meetings.domain.life_steps import add_correction as add_correction_to
from meetings.domain.life_steps import fulfil, reinstate, revoke
from meetings.domain.supersede import supersede
from meetings.domain.terms import TermsNow, set_terms
from meetings.forms.life import (
    AddedCorrectionForm,
    AdoptionForm,
    LinkForm,
    StepForm,
    SupersedeForm,
    TermsForm,
    WorkForm,
)
from meetings.models import Decision
from meetings.queries.adoption import adoption_of, get_town_for
from meetings.queries.carrying_out import get_work_for
from meetings.queries.decisions import actions_beside, get_decision_for
from meetings.queries.life import last_step
from meetings.rules.decision import may_adopt, may_run
from workgroups.forms.action_item import ActionForm

FORM = require_http_methods(["GET", "POST"])
# What everybody sees happen needs no message.
SEEN = ""
STEPS: dict[str, Callable[..., Decision]] = {
    Decision.State.FULFILLED: fulfil,
    Decision.State.REVOKED: revoke,
    Decision.State.IN_FORCE: reinstate,
    Decision.State.SUPERSEDED: supersede,
}


def decision_for(request: MemberRequest, reference: str) -> Decision:
    """Return the decision; what became of it is for the network's members, guests get 404."""
    if request.membership.is_guest:
        raise Http404
    return get_decision_for(request.membership, reference)


def _to_run(request: MemberRequest, reference: str) -> Decision:
    decision = decision_for(request, reference)
    need(may_run(request.membership, decision))
    return decision


def _sent(request: MemberRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _page(decision: Decision) -> str:
    return reverse("decision", args=[decision.network.slug, decision.reference])


def _answer(
    request: MemberRequest,
    decision: Decision,
    form: BaseForm,
    change: Callable[[], object],
    *,
    name: str,
    message: str = SEEN,
    **more: Any,
) -> HttpResponse:
    """Ask with the form and make the change once it is sent; back leads to the decision."""
    back, stale = _page(decision), None
    if form.is_valid():
        try:
            change()
            return done(request, message, back=back)
        except Refused as no:
            form.add_error(None, str(no))
        except Stale as conflict:
            stale = conflict
    key = f"decision-{decision.pk}-{name}"
    return ask(request, form, back=back, form_id=f"{key}-form", draft=key, stale=stale, **more)


@FORM
@member_page
def step(request: MemberRequest, slug: str, reference: str, kind: str) -> HttpResponse:
    """A step in its life: fulfilled, revoked, superseded, back in force."""
    if kind not in STEPS:
        raise Http404
    decision, by = _to_run(request, reference), request.membership
    form = (
        SupersedeForm(_sent(request), decision=decision, by=by)
        if kind == Decision.State.SUPERSEDED
        else StepForm(_sent(request), decision=decision)
    )

    def change() -> Decision:
        values = dict(form.cleaned_data)
        return STEPS[kind](decision=decision, by=by, expected=values.pop("state"), **values)

    texts = _texts_of_step(kind, decision)
    return _answer(request, decision, form, change, name=kind, template="meetings/life_step_form.html", **texts)


def _texts_of_step(kind: str, decision: Decision) -> dict[str, Any]:
    ref = {"ref": decision.reference}
    if kind == Decision.State.FULFILLED:
        intro = _("What it asks for has been done. It stays readable as it is.")
        return {"title": _("Decision %(ref)s is fulfilled") % ref, "submit": _("Mark as fulfilled"), "intro": intro}
    if kind == Decision.State.REVOKED:
        intro = _("It no longer counts, and no other decision takes its place. It stays readable as it is.")
        title = _("Revoke decision %(ref)s") % ref
        return {"title": title, "submit": _("Mark as revoked"), "intro": intro, "danger": True}
    if kind == Decision.State.SUPERSEDED:
        intro = _("Another decision takes its place; both pages show the way to each other.")
        return {"title": _("Supersede decision %(ref)s") % ref, "submit": _("Mark as superseded"), "intro": intro}
    intro = _("It counts again. The steps until now stay readable.")
    return {"title": _("Put decision %(ref)s back in force") % ref, "submit": _("Put back in force"), "intro": intro}


@FORM
@member_page
def terms(request: MemberRequest, slug: str, reference: str) -> HttpResponse:
    decision = _to_run(request, reference)
    now = TermsNow(decision)
    initial = {"expires_on": now.expires_on, "review_on": now.review_on, "version": now.version}
    form = TermsForm(_sent(request), initial=initial)
    return _answer(
        request,
        decision,
        form,
        lambda: set_terms(decision=decision, by=request.membership, **form.cleaned_data),
        name="terms",
        title=_("Dates of decision %(ref)s") % {"ref": decision.reference},
        submit=_("Set the dates"),
    )


@FORM
@member_page
def add_correction(request: MemberRequest, slug: str, reference: str) -> HttpResponse:
    decision = _to_run(request, reference)
    last = last_step(decision, Kind.CORRECTED)
    initial = {"text": last.text if last else decision.wording, "version": last.number if last else 0}
    form = AddedCorrectionForm(_sent(request), initial=initial)

    def change() -> object:
        data = form.cleaned_data
        values = {"text": data["text"], "reason": data["reason"], "seen": data["version"]}
        return add_correction_to(decision=decision, by=request.membership, **values)

    return _answer(
        request,
        decision,
        form,
        change,
        name="correction",
        title=_("Add a correction to decision %(ref)s") % {"ref": decision.reference},
        submit=_("Add the correction"),
    )


@FORM
@member_page
def adoption(request: MemberRequest, slug: str, reference: str, ags: str) -> HttpResponse:
    """What a municipality makes of the decision: only its own officers write its line."""
    decision = decision_for(request, reference)
    town = get_town_for(request.membership, ags)
    need(may_adopt(request.membership, town.pk))
    form = AdoptionForm(_sent(request), initial=AdoptionForm.initial_of(adoption_of(decision, town.pk)))
    return _answer(
        request,
        decision,
        form,
        lambda: say_adoption(decision=decision, municipality=town, by=request.membership, **form.cleaned_data),
        name="adoption",
        title=_("%(town)s and decision %(ref)s") % {"town": town.short_name, "ref": decision.reference},
        submit=_("Save"),
        intro=decision.subject,
        template="meetings/adoption_form.html",
    )


@FORM
@member_page
def add_work(request: MemberRequest, slug: str, reference: str) -> HttpResponse:
    """A new action item that carries the decision out."""
    decision, by = _to_run(request, reference), request.membership
    initial = {"group": decision.group_id}
    form = ActionForm(_sent(request), by=by, initial=initial)
    return _answer(
        request,
        decision,
        form,
        lambda: carrying_out.add_work(decision=decision, by=by, **form.cleaned_data),
        name="work",
        title=_("New action item"),
        submit=_("Add"),
        intro=_("It carries out decision %(ref)s.") % {"ref": decision.reference},
    )


@FORM
@member_page
def link_work(request: MemberRequest, slug: str, reference: str) -> HttpResponse:
    decision, by = _to_run(request, reference), request.membership
    form = LinkForm(_sent(request), decision=decision)

    def change() -> object:
        data = form.cleaned_data
        if data["action"]:
            return carrying_out.link_action(decision=decision, action=data["action"], by=by)
        return carrying_out.link_project(decision=decision, project=data["project"], due_on=data["due_on"], by=by)

    return _answer(
        request,
        decision,
        form,
        change,
        name="link",
        title=_("What carries decision %(ref)s out?") % {"ref": decision.reference},
        submit=pgettext("verb", "Link"),
    )


@require_POST
@member_page
def link_suggested(request: MemberRequest, slug: str, reference: str, pk: int) -> HttpResponse:
    """Link an action item that was recorded on the same agenda item."""
    decision = _to_run(request, reference)
    action = next((one for one in actions_beside(decision) if one.pk == pk), None)
    if action is None:
        raise Http404
    return attempt(
        request,
        lambda: carrying_out.link_action(decision=decision, action=action, by=request.membership),
        back=_page(decision),
    )


@FORM
@member_page
def work(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    """How it stands with what carries a decision out."""
    link, by = get_work_for(request.membership, pk), request.membership
    need(carrying_out.may_report(link=link, decision=link.decision, by=by))
    form = WorkForm(_sent(request), link=link)
    thing = link.action_item or link.project
    return _answer(
        request,
        link.decision,
        form,
        lambda: carrying_out.report_work(link=link, by=by, **form.values()),
        name=f"work-{pk}",
        title=_("Reason of the delay") if link.action_item_id else _("How it stands"),
        submit=_("Save"),
        intro=thing.title if thing else "",
    )


@require_POST
@member_page
def unlink(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    link = get_work_for(request.membership, pk)
    need(may_run(request.membership, link.decision))
    return attempt(
        request,
        lambda: carrying_out.unlink(link=link, by=request.membership),
        back=_page(link.decision),
        message=_("Taken off. The action item or project itself stays."),
    )

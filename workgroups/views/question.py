"""Pages of questions to the network: the list, one question with its answers, and the forms that change them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.forms import BaseForm
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from collab.live.answers import Refused, Stale, ask, attempt, done
from collab.network.access import MemberRequest, member_page, need
from workgroups import rules
from workgroups.domain import question as domain
from workgroups.forms.question import AnswerForm, EditAnswerForm, EditQuestionForm, QuestionFilterForm, QuestionForm
from workgroups.models import Question
from workgroups.queries.question import QuestionFilter, get_answer_for, get_question_for
from workgroups.queries.texts import whole_number

FORM = require_http_methods(["GET", "POST"])


@require_safe
@member_page
def question_list(request: MemberRequest, slug: str) -> HttpResponse:
    if not rules.may_read_projects(request.membership):
        raise Http404
    network, wanted = request.membership.network, QuestionFilter.parse(request.GET)
    context = {
        "network": network,
        "section": "projects",
        "tab": "questions",
        "wanted": wanted,
        "filter": QuestionFilterForm(network.pk, wanted),
        "may_ask": rules.may_ask(request.membership),
    }
    return render(request, "workgroups/question_list.html", context)


@require_safe
@member_page
def question(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    found = get_question_for(request.membership, pk)
    context: dict[str, Any] = {"network": request.membership.network, "section": "projects", "question": found}
    if rules.may_ask(request.membership) and found.state != Question.State.WITHDRAWN:
        context |= _answer_form(found, AnswerForm())
    return render(request, "workgroups/question.html", context)


@FORM
@member_page
def question_add(request: MemberRequest, slug: str) -> HttpResponse:
    by = request.membership
    if not rules.may_read_projects(by):
        raise Http404
    need(rules.may_ask(by))
    initial = {"project": whole_number(request.GET.get("project", "")), "block": request.GET.get("block", "")}
    form = QuestionForm(request.POST if request.method == "POST" else None, network_id=by.network_id, initial=initial)
    if form.is_valid():
        try:
            asked = domain.ask_question(network=by.network, by=by, **form.cleaned_data)
            return done(request, _("Your question was asked."), back=_address(asked), go=True)
        except Refused as no:
            form.add_error(None, str(no))
    return ask(
        request,
        form,
        title=_("Ask the network for help"),
        submit=_("Ask"),
        back=reverse("question_list", args=[slug]),
        form_id="question-form",
        draft=f"question-add-{slug}",
    )


@FORM
@member_page
def question_edit(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    found = get_question_for(request.membership, pk)
    need(rules.may_edit_question(request.membership, found))
    form = EditQuestionForm(request.POST if request.method == "POST" else None, question=found)
    return _change(
        request,
        form,
        lambda: domain.edit_question(question=found, by=request.membership, **form.cleaned_data),
        back=_address(found),
        title=_("Change the question"),
        message=_("The question was changed."),
        key=f"question-edit-{pk}",
    )


@FORM
@member_page
def question_answer(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    found = get_question_for(request.membership, pk)
    need(rules.may_ask(request.membership))
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            domain.answer_question(question=found, by=request.membership, **form.cleaned_data)
            return done(request, _("Your answer was added."), back=_address(found))
        except Refused as no:
            form.add_error(None, str(no))
    return ask(request, title=_("Answer"), **_answer_form(found, form))


def _answer_form(found: Question, form: AnswerForm) -> dict[str, Any]:
    """Return what the form below the answers needs, in the page and when it comes back with errors."""
    return {
        "form": form,
        "action": reverse("question_answer", args=[found.network.slug, found.pk]),
        "submit": _("Send the answer"),
        "back": _address(found),
        "form_id": f"answer-form-{found.pk}",
        "draft": f"answer-{found.pk}",
    }


@FORM
@member_page
def answer_edit(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    answer = get_answer_for(request.membership, pk)
    need(rules.may_edit_answer(request.membership, answer))
    form = EditAnswerForm(request.POST if request.method == "POST" else None, answer=answer)
    return _change(
        request,
        form,
        lambda: domain.edit_answer(answer=answer, by=request.membership, **form.cleaned_data),
        back=_address(answer.question),
        title=_("Change your answer"),
        message=_("Your answer was changed."),
        key=f"answer-edit-{pk}",
    )


def _change(
    request: MemberRequest,
    form: BaseForm,
    save: Callable[[], object],
    *,
    back: str,
    title: str,
    message: str,
    key: str,
) -> HttpResponse:
    stale = None
    if form.is_valid():
        try:
            save()
            return done(request, message, back=back)
        except Refused as no:
            form.add_error(None, str(no))
        except Stale as conflict:
            stale = conflict
    return ask(request, form, title=title, submit=_("Save"), back=back, form_id=key, draft=key, stale=stale)


@require_POST
@member_page
def answer_withdraw(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    # Pressed twice it is withdrawn once.
    answer = get_answer_for(request.membership, pk, withdrawn=True)
    need(rules.may_withdraw_answer(request.membership, answer))
    return attempt(
        request,
        lambda: domain.withdraw_answer(answer=answer, by=request.membership),
        back=_address(answer.question),
        message=_("The answer was withdrawn."),
    )


@require_POST
@member_page
def question_solve(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    found = get_question_for(request.membership, pk)
    need(rules.may_settle_question(request.membership, found))
    answer = get_object_or_404(found.answers, pk=whole_number(request.POST.get("answer", "")) or 0)
    expected = whole_number(request.POST.get("expected", "")) or 0
    return attempt(
        request,
        lambda: domain.mark_solution(question=found, answer=answer, expected=expected, by=request.membership),
        back=_address(found),
        message=_("Marked as the solution. Thank you: others will find it."),
    )


@require_POST
@member_page
def question_reopen(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    return _settle(request, pk, domain.reopen_question, _("The question is open again."))


@require_POST
@member_page
def question_withdraw(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    message = _("The question was withdrawn. It can be opened again here.")
    return _settle(request, pk, domain.withdraw_question, message)


def _settle(request: MemberRequest, pk: int, change: Callable[..., object], message: str) -> HttpResponse:
    found = get_question_for(request.membership, pk)
    need(rules.may_settle_question(request.membership, found))
    return attempt(
        request, lambda: change(question=found, by=request.membership), back=_address(found), message=message
    )


def _address(found: Question) -> str:
    return reverse("question", args=[found.network.slug, found.pk])

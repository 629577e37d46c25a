"""What is handed out: decisions and minutes as PDF, a year's decisions on one page for print, short addresses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from collab.network.access import MemberRequest, member_page
from collab.pdf import PdfUnavailable, pdf_of
from meetings.queries.decisions import get_decision_for
from meetings.queries.handing_out import printed_minutes, sheet_of, year_of_decisions
from meetings.queries.minutes import get_minutes_for
from meetings.queries.short_address import public_decision, public_minutes
from meetings.queries.visibility import minutes_without_inside
from meetings.rules.minutes import sees_draft


def as_pdf(
    request: MemberRequest, template: str, context: dict[str, Any], *, title: str, print_at: str
) -> HttpResponse:
    """Answer with a template as PDF to keep; with a page that says what to do where no PDF can be made (503).

    `print_at` is the path of the page that can be printed instead.
    """
    context = {"network": request.membership.network, "now": timezone.now(), **context}
    try:
        content = pdf_of(render_to_string(template, context), title=title, language=get_language() or "de")
    except PdfUnavailable:
        return render(request, "meetings/pdf_unavailable.html", {**context, "print_at": print_at}, status=503)
    name = f"{title}.pdf".replace("/", "-")
    headers = {"Content-Disposition": content_disposition_header(True, name) or "attachment"}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


@require_safe
@member_page
def decision_pdf(request: MemberRequest, slug: str, reference: str) -> HttpResponse:
    if request.membership.is_guest:
        raise Http404
    decision = get_decision_for(request.membership, reference)
    context = {
        "sheet": sheet_of(request.membership, decision),
        "address": absolute(request, "short_decision", slug, reference),
    }
    title = _("Decision %(reference)s") % {"reference": reference}
    return as_pdf(
        request, "pdf/decision.html", context, title=title, print_at=reverse("decision", args=[slug, reference])
    )


@require_safe
@member_page
def year_pdf(request: MemberRequest, slug: str, year: int) -> HttpResponse:
    sheets = year_of_decisions(request.membership, year)
    print_at = reverse("year_print", args=[slug, year])
    context = {"year": str(year), "sheets": sheets, "address": request.build_absolute_uri(print_at)}
    title = _("Decisions of %(year)s") % {"year": year}
    return as_pdf(request, "pdf/year.html", context, title=title, print_at=print_at)


@require_safe
@member_page
def year_print(request: MemberRequest, slug: str, year: int) -> HttpResponse:
    sheets = year_of_decisions(request.membership, year)
    context = {"network": request.membership.network, "section": "decisions", "year": str(year), "sheets": sheets}
    return render(request, "meetings/year_print.html", context)


@require_safe
@member_page
def minutes_pdf(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    """The newest finalised version, with `?version=2` that one, with `?version=draft` (or where there is nothing else)
    the draft, for those who see it.
    """
    minutes, role = get_minutes_for(request.membership, pk)
    printed = printed_minutes(minutes, request.GET.get("version", ""), inside=sees_draft(role))
    content = printed.content if sees_draft(role) else minutes_without_inside(printed.content)
    context = {
        "content": content,
        "is_part": content != printed.content,
        "version": printed.version,
        "approved_on": printed.approved_on,
        "address": absolute(request, "short_minutes", slug, pk),
    }
    numbers = {"meeting": content["meeting"]["title"], "date": content["meeting"]["date"]}
    title = _("Minutes %(meeting)s %(date)s") % numbers
    return as_pdf(request, "pdf/minutes.html", context, title=title, print_at=reverse("minutes", args=[slug, pk]))


# -- short addresses --------------------------------------------------------------------------------------------------


def absolute(request: HttpRequest, name: str, *args: Any) -> str:
    """Return the whole address of a page, as it is printed."""
    return request.build_absolute_uri(reverse(name, args=args))


@require_safe
def short_decision(request: HttpRequest, slug: str, reference: str) -> HttpResponseBase:
    """Lead members to the decision, everybody else to its public page as long as it has one."""
    public = public_decision(slug, reference)
    path = reverse("public_decision", args=[slug, reference]) if public else ""
    return _inside_or_public(request, path, lambda: _to_decision(request, slug=slug, reference=reference))


@require_safe
def short_minutes(request: HttpRequest, slug: str, pk: int) -> HttpResponseBase:
    """Lead those who may read the minutes to them, everybody else to their public page as long as there is one."""
    public = public_minutes(slug, pk)
    path = reverse("public_minutes", args=[slug, pk]) if public else ""
    return _inside_or_public(request, path, lambda: _to_minutes(request, slug=slug, pk=pk))


def _inside_or_public(
    request: HttpRequest, public_path: str, go_inside: Callable[[], HttpResponseBase]
) -> HttpResponseBase:
    """Answer as a page for members does (the sign-in page, 404 for strangers), unless the public may read it."""
    if public_path and not request.user.is_authenticated:
        return _to_public(public_path)
    try:
        return go_inside()
    except Http404:
        if not public_path:
            raise
        return _to_public(public_path)


def _to_public(path: str) -> HttpResponseBase:
    answer = redirect(path)
    answer["Cache-Control"] = "no-cache"  # gone as soon as it is withdrawn
    return answer


@member_page
def _to_decision(request: MemberRequest, slug: str, reference: str) -> HttpResponse:
    get_decision_for(request.membership, reference)
    return redirect("decision", slug, reference)


@member_page
def _to_minutes(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    get_minutes_for(request.membership, pk)
    return redirect("minutes", slug, pk)

"""Bringing in tables: upload, say which column is what, look at what would happen, do it all or nothing."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from collab.live.answers import Refused, Stale, ask, done, refused
from collab.network.access import MemberRequest, member_page
from collab.network.mail import send_invitation
from collab.network.models import Invitation
from workgroups.domain.intake import Outcome, Plan, carry_out, columns_of, drop_intake, match_columns, upload_table
from workgroups.domain.intake.steps import planned
from workgroups.forms.intake import ColumnsForm, UploadForm
from workgroups.models import Intake
from workgroups.queries.intake import done_before, get_intake_for, intakes_of, need_to_import
from workgroups.queries.texts import whole_number
from workgroups.tables import MOST_BYTES, Table

from .export import as_file

PAGE_SIZE = 100
# Where what was brought in is seen.
LISTS: dict[str, str] = {
    Intake.Kind.MUNICIPALITIES: "members",
    Intake.Kind.PEOPLE: "members",
    Intake.Kind.PROJECTS: "board",
    Intake.Kind.ACTIONS: "action_log",
}
# A mail server that is down is not asked for every invitation.
MOST_FAILURES = 3


@require_safe
@member_page
def intake_list(request: MemberRequest, slug: str) -> HttpResponse:
    need_to_import(request.membership)
    network = request.membership.network
    page = Paginator(intakes_of(network.pk), 50).get_page(whole_number(request.GET.get("page", "")) or 1)
    context = {"network": network, "section": "members", "page": page, "kinds": Intake.Kind.choices}
    return render(request, "workgroups/intake_list.html", context)


@require_http_methods(["GET", "POST"])
@member_page
def intake_add(request: MemberRequest, slug: str) -> HttpResponse:
    need_to_import(request.membership)
    is_sent = request.method == "POST"
    form = UploadForm(
        request.POST if is_sent else None, request.FILES if is_sent else None, kind=request.GET.get("kind", "")
    )
    if is_sent and form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            intake = upload_table(
                network=request.membership.network,
                kind=form.cleaned_data["kind"],
                name=upload.name,
                content=upload.read(MOST_BYTES + 1),
                by=request.membership,
                request_id=form.cleaned_data["request_id"],
            )
        except Refused as why:
            form.add_error("file", str(why))
        else:
            return done(request, "", back=_address(intake), go=True)
    return ask(
        request,
        form,
        title=_("Bring in a table"),
        submit=_("Upload"),
        back=reverse("intake_list", args=[slug]),
        form_id="intake-form",
        section="members",
    )


@require_safe
@member_page
def intake(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    found = get_intake_for(request.membership, pk)
    context = {
        "network": request.membership.network,
        "section": "members",
        "intake": found,
        "twin": done_before(found),
        "subject": _("Name") if found.kind == Intake.Kind.PEOPLE else columns_of(found.kind)[0].label,
        "list_name": LISTS[found.kind],
    }
    if found.state == Intake.State.UPLOADED:
        context |= {
            "form": ColumnsForm(None, intake=found),
            **_shown(request, planned(intake=found, by=request.membership)),
        }
    return render(request, "workgroups/intake.html", context)


def _shown(request: MemberRequest, plan: Plan) -> dict[str, object]:
    """Return the rows that the page shows: those of the chosen outcome, what is wrong before everything else."""
    wanted = request.GET.get("show", "")
    shown = wanted if wanted in Outcome else ""
    lines = [line for line in plan.lines if not shown or line.outcome == shown]
    if not shown:
        lines.sort(key=lambda line: line.outcome != Outcome.WRONG)
    page = Paginator(lines, PAGE_SIZE).get_page(whole_number(request.GET.get("page", "")) or 1)
    tabs: list[tuple[str, Any, int]] = [("", _("All"), len(plan.lines))]
    tabs += [(outcome.value, outcome.label, plan.counts[outcome.value]) for outcome in Outcome]
    return {"plan": plan, "shown": shown, "page": page, "tabs": tabs, "query": f"show={shown}&" if shown else ""}


@require_POST
@member_page
def intake_columns(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    found = get_intake_for(request.membership, pk)
    form, back = ColumnsForm(request.POST, intake=found), _address(found)
    if not form.is_valid():
        return refused(request, _("This upload has changed meanwhile. Load the page again."), back=back)
    try:
        match_columns(intake=found, columns=form.columns, version=form.cleaned_data["version"], by=request.membership)
    except Refused as why:
        return refused(request, str(why), back=back)
    except Stale:
        return refused(request, _("Somebody else has changed the columns meanwhile. Load the page again."), back=back)
    return done(request, _("The columns are saved."), back=f"{back}#preview", go=True)


@require_POST
@member_page
def intake_carry_out(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    found = get_intake_for(request.membership, pk)
    back = _address(found)
    try:
        found, invitations = carry_out(intake=found, seal=request.POST.get("seal", "")[:64], by=request.membership)
    except Refused as why:
        return refused(request, str(why), back=back)
    return done(request, _mailed(request, invitations) or _("The table is brought in."), back=back, go=True)


def _mailed(request: MemberRequest, invitations: list[tuple[Invitation, str]]) -> str:
    """Mail the invitations, now that they are saved; return what became of the mails, empty where there were none."""
    sent = failed = 0
    for invitation, token in invitations:
        if failed >= MOST_FAILURES:
            break
        link = request.build_absolute_uri(reverse("invitation", args=[token]))
        is_sent = send_invitation(invitation, link)
        sent, failed = sent + is_sent, 0 if is_sent else failed + 1
    if missing := len(invitations) - sent:
        return ngettext(
            "The table is brought in. %(count)s mail could not be sent: send it again on the members page.",
            "The table is brought in. %(count)s mails could not be sent: send them again on the members page.",
            missing,
        ) % {"count": missing}
    if not sent:
        return ""
    return ngettext(
        "The table is brought in. %(count)s invitation is on its way.",
        "The table is brought in. %(count)s invitations are on their way.",
        sent,
    ) % {"count": sent}


@require_POST
@member_page
def intake_drop(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    found = get_intake_for(request.membership, pk)
    back = reverse("intake_list", args=[slug])
    try:
        drop_intake(intake=found, by=request.membership)
    except Refused as why:
        return refused(request, str(why), back=back)
    return done(request, _("The upload is discarded."), back=back, go=True)


@require_safe
@member_page
def intake_example(request: MemberRequest, slug: str, kind: str, ending: str) -> HttpResponse:
    """An empty table with the headings that are understood."""
    need_to_import(request.membership)
    if kind not in Intake.Kind:
        return as_file(lambda: Table("", [], []), "")
    headings = [column.label for column in columns_of(kind)]
    return as_file(lambda: Table(str(Intake.Kind(kind).label), headings, []), ending)


def _address(intake: Intake) -> str:
    return reverse("intake", args=[intake.network.slug, intake.pk])

"""Accession and exit of municipalities."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from collab.live.answers import Refused, ask, done

from ..access import MemberRequest, member_page, need
from ..domain import accession as domain
from ..forms import AccessionForm, ExitForm, posted
from ..queries import get_accession_for, open_memberships, search_municipalities
from ..rules import may_manage
from .members import members_path


@require_GET
@member_page
def municipality_search(request: MemberRequest, slug: str) -> HttpResponse:
    """Answer with suggestions for the name typed so far, as options of a datalist."""
    need(may_manage(request.membership))
    text = request.GET.get("q") or request.GET.get("municipality") or ""
    towns = search_municipalities(text[:100].replace("\0", ""))
    return render(request, "network/fragments/municipality_options.html", {"towns": towns})


@require_http_methods(["GET", "POST"])
@member_page
def accession_add(request: MemberRequest, slug: str) -> HttpResponse:
    need(may_manage(request.membership))
    form = AccessionForm(posted(request))
    search = reverse("municipality_search", args=[request.membership.network.slug])
    form.fields["municipality"].widget.attrs.update(
        {
            "hx-get": search,
            "hx-trigger": "input changed delay:200ms",
            "hx-target": "#municipality-choices",
            "hx-swap": "innerHTML",
        }
    )
    if request.method == "POST" and form.is_valid():
        try:
            accession = domain.add(by=request.membership, **form.cleaned_data)
        except Refused as refusal:
            form.add_error("municipality", str(refusal))
        else:
            message = _("%(town)s is entered.") % {"town": accession.municipality}
            return done(request, message, back=members_path(request))
    return ask(
        request,
        form,
        title=_("Accession of a municipality"),
        submit=_("Enter accession"),
        back=members_path(request),
        form_id="accession-form",
        draft=f"accession-{request.membership.network_id}",
        template="network/fragments/accession_form.html",
        section="members",
    )


@require_http_methods(["GET", "POST"])
@member_page
def accession_end(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    need(may_manage(request.membership))
    accession = get_accession_for(request.membership, pk)
    form = ExitForm(
        posted(request), planned=accession.left_on is not None, initial={"left_on": accession.left_on or request.today}
    )
    if request.method == "POST" and form.is_valid():
        try:
            domain.end(accession=accession, by=request.membership, **form.cleaned_data)
        except Refused as refusal:
            form.add_error("left_on", str(refusal))
        else:
            message = _("The exit of %(town)s is entered.") if form.cleaned_data["left_on"] else _("%(town)s stays.")
            message %= {"town": accession.municipality}
            return done(request, message, back=members_path(request))
    people = open_memberships(accession.network_id).filter(municipality=accession.municipality).count()
    intro = ngettext(
        "On that day the membership of %(count)d person from %(town)s ends, too. Decisions and minutes stay.",
        "On that day the memberships of %(count)d people from %(town)s end, too. Decisions and minutes stay.",
        people,
    )
    return ask(
        request,
        form,
        title=_("Exit of %(town)s?") % {"town": accession.municipality},
        submit=_("Enter exit"),
        intro=intro % {"count": people, "town": accession.municipality},
        back=members_path(request),
        form_id="exit-form",
        danger=True,
        section="members",
    )

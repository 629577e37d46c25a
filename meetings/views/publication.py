"""Saying who may read something: the group, the network, everybody; with a preview of what everybody would see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from collab.live.answers import Refused, Stale, ask, attempt, done, refused
from collab.network.access import MemberRequest, member_page, need
from meetings import rules
from meetings.domain import publication as domain
from meetings.domain import visibility as domain_visibility
from meetings.domain.public_site import edit_public_site, set_public_date
from meetings.forms.publication import PublicSiteForm, PublishForm, VisibilityForm, WithdrawPublicationForm
from meetings.models import AgendaItem, Decision, MinutesVersion, Publication, Visibility
from meetings.queries.agenda import get_item_for, get_meeting_for
from meetings.queries.decisions import get_decision_for
from meetings.queries.minutes import get_minutes_for, newest_version
from meetings.queries.public import preview_of_decision, public_site_of
from meetings.queries.public_content import of_decision, of_item, of_minutes, seal_of
from meetings.rules.publication import may_publish, may_set_visibility

FORM = require_http_methods(["GET", "POST"])


# -- the group or the network -----------------------------------------------------------------------------------------


@FORM
@member_page
def decision_visibility(request: MemberRequest, slug: str, reference: str) -> HttpResponse:
    decision = get_decision_for(request.membership, reference)
    _not_for_guests(request)
    need(may_set_visibility(request.membership, decision.group))
    return _ask_visibility(
        request,
        decision,
        lambda **said: domain_visibility.set_decision_visibility(decision=decision, **said),
        intro=f"{decision.reference} {decision.subject}",
        back=reverse("decision", args=[slug, reference]),
    )


@FORM
@member_page
def item_visibility(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    item, role = get_item_for(request.membership, pk)
    _not_for_guests(request)
    need(rules.may_lead(role))
    return _ask_visibility(
        request,
        item,
        lambda **said: domain_visibility.set_item_visibility(item=item, **said),
        intro=item.title,
        back=reverse("item", args=[slug, pk]),
    )


@FORM
@member_page
def minutes_visibility(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    minutes, role = get_minutes_for(request.membership, pk)
    _not_for_guests(request)
    need(rules.may_lead(role))
    meeting = minutes.meeting
    return _ask_visibility(
        request,
        minutes,
        lambda **said: domain_visibility.set_minutes_visibility(meeting=meeting, **said),
        intro=str(meeting),
        back=reverse("minutes", args=[slug, pk]),
    )


def _ask_visibility(
    request: MemberRequest, thing: Any, change: Callable[..., object], *, intro: str, back: str
) -> HttpResponse:
    sent = request.POST if request.method == "POST" else None
    form = VisibilityForm(sent, initial=VisibilityForm.initial_of(thing))
    if form.is_valid():
        try:
            change(**form.cleaned_data, by=request.membership)
            return done(request, _("Saved. Everybody's pages show it as it is now."), back=back)
        except Refused as no:
            form.add_error(None, str(no))
    return ask(
        request, form, title=_("Who may read it"), submit=_("Save"), back=back, form_id="visibility-form", intro=intro
    )


def _not_for_guests(request: MemberRequest) -> None:
    if request.membership.is_guest:
        raise Http404


# -- everybody --------------------------------------------------------------------------------------------------------


@FORM
@member_page
def publish_decision(request: MemberRequest, slug: str, reference: str) -> HttpResponse:
    decision = get_decision_for(request.membership, reference)
    _need_publisher(request)

    def shown() -> dict[str, Any]:
        now = get_decision_for(request.membership, reference)
        return {"content": of_decision(now), "one": preview_of_decision(now), "fragment": "decision"}

    return _publish(
        request,
        decision,
        shown,
        lambda form: domain.publish_decision(decision=decision, seal=form["seal"], by=request.membership),
        name=f"{decision.reference} {decision.subject}",
        back=reverse("decision", args=[slug, reference]),
    )


@FORM
@member_page
def publish_item(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    item, _role = get_item_for(request.membership, pk)
    _need_publisher(request)

    def shown() -> dict[str, Any]:
        return {"content": of_item(_item(pk)), "fragment": "item"}

    return _publish(
        request,
        item,
        shown,
        lambda form: domain.publish_item(item=item, seal=form["seal"], by=request.membership),
        name=item.title,
        back=reverse("item", args=[slug, pk]),
    )


def _item(pk: int) -> AgendaItem:
    people = ("municipality", "project__group", "meeting__group")
    return AgendaItem.objects.select_related(*people).get(pk=pk)


@FORM
@member_page
def publish_minutes(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    """The newest finalised version; with `?names=on` the preview names the people."""
    minutes, _role = get_minutes_for(request.membership, pk)
    _need_publisher(request)
    version = newest_version(minutes)
    back = reverse("minutes", args=[slug, pk])
    if version is None:
        return refused(request, _("Only finalised minutes can be made public. Finalise them first."), back=back)
    sent = request.POST if request.method == "POST" else request.GET
    with_names = bool(sent.get("names"))

    def shown() -> dict[str, Any]:
        return {"content": of_minutes(version, with_names=with_names), "fragment": "minutes", "with_names": with_names}

    return _publish(
        request,
        version,
        shown,
        lambda form: domain.publish_minutes(
            version=version, with_names=form["names"], seal=form["seal"], by=request.membership
        ),
        name=str(minutes.meeting),
        back=back,
    )


def _publish(
    request: MemberRequest,
    thing: Decision | AgendaItem | MinutesVersion,
    shown: Callable[[], dict[str, Any]],
    change: Callable[[dict[str, Any]], object],
    *,
    name: str,
    back: str,
) -> HttpResponse:
    """Show what everybody would see, and make exactly that public; where it changed meanwhile, show it anew (409)."""
    status, form = 200, PublishForm(request.POST)
    if request.method == "POST" and form.is_valid():
        try:
            change(form.cleaned_data)
            return done(request, _("It is public now."), back=back, go=True)
        except Refused as no:
            return refused(request, str(no), back=back)
        except domain.Changed:
            status = 409
    elif request.method == "POST":
        status = 422
    preview = shown()
    network = request.membership.network
    context = {
        **preview,
        "network": network,
        "section": "decisions",
        "name": name,
        "back": back,
        "seal": seal_of(preview["content"]),
        "has_changed": status != 200,
        "is_open": public_site_of(network).is_open,
        "for_group": _visibility_of(thing) == Visibility.GROUP,
    }
    return render(request, "meetings/publish.html", context, status=status)


def _visibility_of(thing: Decision | AgendaItem | MinutesVersion) -> str:
    return thing.minutes.visibility if isinstance(thing, MinutesVersion) else thing.visibility


def _need_publisher(request: MemberRequest) -> None:
    _not_for_guests(request)
    need(may_publish(request.membership))


@FORM
@member_page
def withdraw(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    publications = Publication.objects.select_related("decision", "item__meeting", "minutes__minutes__meeting")
    publication = get_object_or_404(publications, pk=pk, network=request.membership.network_id)
    _need_publisher(request)
    back = _page_of(slug, publication)
    form = WithdrawPublicationForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            domain.withdraw(publication=publication, reason=form.cleaned_data["reason"], by=request.membership)
            return done(request, _("It is no longer public."), back=back)
        except Refused as no:
            form.add_error(None, str(no))
    return ask(
        request,
        form,
        title=_("Take off the public pages"),
        submit=_("Take off"),
        intro=_("It is gone from the public pages at once: %(what)s") % {"what": publication},
        danger=True,
        back=back,
        form_id="withdraw-form",
    )


def _page_of(slug: str, publication: Publication) -> str:
    if publication.decision:
        return reverse("decision", args=[slug, publication.decision.reference])
    if publication.item:
        return reverse("item", args=[slug, publication.item_id])
    return reverse("minutes", args=[slug, publication.minutes.minutes.meeting_id])  # type: ignore[union-attr]


# -- the public pages -------------------------------------------------------------------------------------------------


@require_safe
@member_page
def settings_page(request: MemberRequest, slug: str) -> HttpResponse:
    _need_publisher(request)
    network = request.membership.network
    address = request.build_absolute_uri(reverse("public_start", args=[slug]))
    context = {"network": network, "section": "public", "address": address}
    return render(request, "meetings/public_settings.html", context)


@FORM
@member_page
def edit_site(request: MemberRequest, slug: str) -> HttpResponse:
    _need_publisher(request)
    site = public_site_of(request.membership.network)
    back, stale = reverse("public_settings", args=[slug]), None
    form = PublicSiteForm(request.POST if request.method == "POST" else None, initial=PublicSiteForm.initial_of(site))
    if form.is_valid():
        try:
            edit_public_site(by=request.membership, **form.cleaned_data)
            return done(request, _("The public pages were changed."), back=back)
        except Stale as conflict:
            stale = conflict
    return ask(
        request,
        form,
        title=_("What the public pages show"),
        submit=_("Save"),
        back=back,
        form_id="public-site-form",
        draft="public-site",
        stale=stale,
    )


@require_POST
@member_page
def public_date(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    """Let a meeting's date stand on the public pages (`on`), or no more."""
    meeting, _role = get_meeting_for(request.membership, pk)
    _not_for_guests(request)
    return attempt(
        request,
        lambda: set_public_date(meeting=meeting, is_public=bool(request.POST.get("on")), by=request.membership),
        back=reverse("meeting", args=[slug, pk]),
    )

"""Series: set up, look at, edit, change from a date on, end. And the list of all meetings."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from collab.live.answers import Refused, Stale, ask, done
from collab.network.access import MemberRequest, member_page, need
from meetings import rules
from meetings.domain import series as domain
from meetings.forms.series import SeriesChangeForm, SeriesEditForm, SeriesEndForm, SeriesForm
from meetings.fragments.series import page_of, year_of
from meetings.models import Meeting, Series
from meetings.queries.memory import search_series
from meetings.queries.preview import Preview, preview_change, preview_rule
from meetings.queries.series import (
    get_series_for,
    groups_to_plan_for,
    past_years,
    plans_in,
)
from workgroups.queries.group import internal_groups_seen
from workgroups.queries.texts import search_text
from workgroups.rules import group_role

FORM = require_http_methods(["GET", "POST"])


@require_GET
@member_page
def meeting_list(request: MemberRequest, slug: str) -> HttpResponse:
    """All meetings to come, or with `?year=2025` those of a year that are over; guests see their invitations."""
    network = request.membership.network
    context: dict[str, Any] = {"section": "meetings", "network": network}
    if request.membership.is_guest:
        return render(request, "meetings/meeting_list_guest.html", context)
    year = _year_asked_for(request)
    context |= {
        "years": past_years(network, request.today, internal_groups_seen(request.membership)),
        "year": year,
        "variant": f"year={year}" if year else "",
        "may_plan": plans_in(request.membership, network.pk),
    }
    return render(request, "meetings/meeting_list.html", context)


def _year_asked_for(request: MemberRequest) -> int | None:
    if "year" not in request.GET:
        return None
    if (year := year_of(f"year={request.GET['year']}")) is None:
        raise Http404
    return year


@require_GET
@member_page
def show(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    """A series with its past meetings (`?page=2`: older ones), or what was found in it (`?q=`)."""
    series = get_series_for(request.membership, pk)
    q = search_text(request.GET.get("q", ""))
    page = page_of(f"page={request.GET.get('page', '')}")
    context = {
        "section": "meetings",
        "network": series.group.network,
        "series": series,
        "q": q,
        "found": search_series(series, q, inside=group_role(request.membership, series.group) is not None)
        if q
        else None,
        "variant": f"page={page}" if page > 1 else "",
    }
    return render(request, "meetings/series.html", context)


def chosen_group(request: MemberRequest) -> dict[str, str]:
    """Return the form's initial group, where a link named one."""
    group = request.GET.get("group", "")
    return {"group": group} if group.isascii() and group.isdigit() and len(group) < 16 else {}


@FORM
@member_page
def add(request: MemberRequest, slug: str) -> HttpResponse:
    """Ask for the series, show its next twelve dates, and save it when exactly these were seen."""
    groups = groups_to_plan_for(request.membership)
    need(groups.exists())
    data = request.POST if request.method == "POST" else None
    form = SeriesForm(
        data, network=request.membership.network, groups=groups, today=request.today, initial=chosen_group(request)
    )
    preview = None
    if form.is_bound and form.is_valid():
        values = form.cleaned_data
        preview = preview_rule(
            rule=values["rule"],
            start_time=values["start_time"],
            minutes=values["minutes"],
            hosts=values["hosts"],
            state=request.membership.network.holidays,
            today=request.today,
        )
        if _saves(request, preview):
            return _create(request, slug, form, preview)
    return _ask_new(request, slug, form, preview)


def _create(request: MemberRequest, slug: str, form: SeriesForm, preview: Preview) -> HttpResponse:
    about = ("group", "title", "place", "video_link", "hosts", "template", "request_id")
    values = {name: form.cleaned_data[name] for name in (*about, "rule", "start_time", "minutes")}
    try:
        series = domain.create_series(by=request.membership, today=request.today, **values)
    except Refused as no:
        form.add_error(None, str(no))
        return _ask_new(request, slug, form, preview)
    return done(request, _("The series is set up."), back=reverse("series", args=[slug, series.pk]), go=True)


def _ask_new(request: MemberRequest, slug: str, form: SeriesForm, preview: Preview | None) -> HttpResponse:
    return ask(
        request,
        form,
        title=_("New series"),
        submit=_("Save the series"),
        back=reverse("meeting_list", args=[slug]),
        form_id="series-form",
        draft=f"series-add-{slug}",
        template="meetings/series_form.html",
        **_previewed(request, preview),
    )


def _saves(request: MemberRequest, preview: Preview) -> bool:
    """Whether the person wants to save and has seen the very dates that would be saved."""
    return request.POST.get("step") == "save" and request.POST.get("seal") == preview.seal


def _previewed(request: MemberRequest, preview: Preview | None) -> dict[str, Any]:
    is_other = preview is not None and request.POST.get("step") == "save"
    return {"section": "meetings", "preview": preview, "dates_are_other": is_other}


@FORM
@member_page
def edit(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    series = _to_plan(request, pk)
    form = SeriesEditForm(request.POST if request.method == "POST" else None, series=series)
    stale = None
    if form.is_bound and form.is_valid():
        names = ("title", "place", "video_link", "hosts", "template", "version")
        values = {name: form.cleaned_data[name] for name in names}
        try:
            domain.edit_series(series=series, by=request.membership, today=request.today, **values)
            return done(request, _("The series was saved."), back=_page(slug, series), go=True)
        except Refused as no:
            form.add_error(None, str(no))
        except Stale as conflict:
            stale = conflict
            form.add_error(None, changed_meanwhile(conflict))
    return ask(
        request,
        form,
        title=_("Edit series"),
        submit=_("Save"),
        back=_page(slug, series),
        form_id=f"series-{pk}-edit",
        draft=f"series-{pk}-edit",
        stale=stale,
        template="meetings/series_edit_form.html",
        section="meetings",
        meanwhile=_as_saved(series) if stale else None,
    )


def _as_saved(series: Series) -> dict[str, Any]:
    """Return what somebody else has saved meanwhile and no field can show beside the person's own: hosts and agenda."""
    return {
        "hosts": [host.municipality for host in series.hosts.select_related("municipality")],
        "lines": list(series.template_items.filter(removed=False)),
    }


@FORM
@member_page
def change(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    """Ask for the new rule and its first day, show what becomes of the dates, and save it when that was seen."""
    series = _to_plan(request, pk)
    following = Meeting.objects.filter(series=series, occurrence_on__gt=request.today).order_by("occurrence_on").first()
    form = SeriesChangeForm(
        request.POST if request.method == "POST" else None,
        series=series,
        from_date=following.occurrence_on if following and following.occurrence_on else request.today,
        today=request.today,
    )
    preview, stale = None, None
    if form.is_bound and form.is_valid():
        values = form.cleaned_data
        new = {name: values[name] for name in ("rule", "start_time", "minutes")}
        preview = preview_change(series=series, today=request.today, **new)
        if _saves(request, preview):
            try:
                domain.change_series_from(
                    series=series,
                    from_date=values["from_date"],
                    version=values["version"],
                    by=request.membership,
                    today=request.today,
                    **new,
                )
                return done(request, _("The new dates are saved."), back=_page(slug, series), go=True)
            except Refused as no:
                form.add_error(None, str(no))
            except Stale as conflict:
                stale = conflict
                form.add_error(None, changed_meanwhile(conflict))
    return ask(
        request,
        form,
        title=_("Change the dates of the series"),
        submit=_("Save the new dates"),
        back=_page(slug, series),
        form_id=f"series-{pk}-change",
        draft=f"series-{pk}-change",
        stale=stale,
        template="meetings/series_change_form.html",
        **_previewed(request, preview),
    )


@FORM
@member_page
def end(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    series = _to_plan(request, pk)
    initial = {"version": series.version, "last_date": series.ended_on}
    form = SeriesEndForm(request.POST if request.method == "POST" else None, initial=initial)
    stale = None
    if form.is_bound and form.is_valid():
        try:
            domain.end_series(series=series, by=request.membership, today=request.today, **form.cleaned_data)
            return done(request, _("The last date is set."), back=_page(slug, series))
        except Refused as no:
            form.add_error(None, str(no))
        except Stale as conflict:
            stale = conflict
            form.add_error(None, changed_meanwhile(conflict))
    return ask(
        request,
        form,
        title=_("End the series"),
        submit=_("Set the last date"),
        back=_page(slug, series),
        form_id=f"series-{pk}-end",
        draft=f"series-{pk}-end",
        danger=True,
        stale=stale,
        intro=_(
            "Later dates are removed. Those that members have worked on, or that were moved by hand, are cancelled "
            "instead, and what is on their agenda goes to the next meeting of the group."
        ),
        section="meetings",
    )


def changed_meanwhile(conflict: Stale) -> str:
    """Return the sentence for a form that was overtaken; what can be told apart stands beside its fields as well."""
    if not conflict.who:
        return _("This was changed meanwhile. Your input is still here: look at both, then save again.")
    return _("%(who)s changed this meanwhile. Your input is still here: look at both, then save again.") % {
        "who": conflict.who
    }


def _to_plan(request: MemberRequest, pk: int) -> Series:
    series = get_series_for(request.membership, pk)
    need(rules.may_plan(request.membership, series.group))
    return series


def _page(slug: str, series: Series) -> str:
    return reverse("series", args=[slug, series.pk])

"""Pages of action items: the log, one item, and the forms that change it."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.forms import BaseForm
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from collab.live.answers import Refused, Stale, ask, done
from collab.network.access import MemberRequest, member_page, need
from workgroups import rules
from workgroups.domain.action_item import (
    add_action_item,
    change_due,
    change_follow_up,
    change_state,
    edit_action_item,
)
from workgroups.forms.action_item import (
    ActionFilterForm,
    ActionForm,
    DueForm,
    EditActionForm,
    FollowUpForm,
    StateForm,
)
from workgroups.models import ActionItem
from workgroups.queries.action_item import ActionFilter, get_action_item_for
from workgroups.queries.texts import whole_number


@require_safe
@member_page
def action_log(request: MemberRequest, slug: str) -> HttpResponse:
    if not rules.may_read_log(request.membership):
        raise Http404
    network, wanted = request.membership.network, ActionFilter.parse(request.GET)
    context = {
        "network": network,
        "section": "actions",
        "wanted": wanted,
        "filter": ActionFilterForm(network.pk, wanted),
        "may_add": rules.may_add_action(request.membership),
        "view": "table",
    }
    return render(request, "workgroups/action_log.html", context)


@require_safe
@member_page
def action_item(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    action = get_action_item_for(request.membership, pk)
    context = {"network": request.membership.network, "section": "actions", "action": action}
    return render(request, "workgroups/action_item.html", context)


@require_http_methods(["GET", "POST"])
@member_page
def action_add(request: MemberRequest, slug: str) -> HttpResponse:
    by = request.membership
    if by.is_guest:
        raise Http404
    need(rules.may_add_action(by))
    initial = {name: whole_number(request.GET.get(name, "")) for name in ("project", "group")}
    form = ActionForm(request.POST or None, by=by, initial=initial)
    if form.is_valid():
        try:
            action = add_action_item(network=by.network, by=by, **form.cleaned_data)
        except Refused as why:
            form.add_error(None, str(why))
        except PermissionDenied:
            form.add_error(None, _("You can only add action items for your own municipality."))
        else:
            return done(
                request,
                _added(action),
                back=_address(action),
                go=not _comes_from_list(request),
            )
    back = reverse("action_log", args=[slug])
    return ask(
        request,
        form,
        title=_("New action item"),
        submit=_("Add"),
        back=back,
        form_id="action-form",
        draft=f"action-add-{slug}",
    )


def _added(action: ActionItem) -> str:
    asked = action.offers.select_related("municipality").first()
    if asked is None:
        return _("The action item was added.")
    return _("The action item was added. %(town)s is asked to take it over.") % {"town": asked.municipality}


def _comes_from_list(request: MemberRequest) -> bool:
    """In the log, on the board and on a project's page the new entry appears by itself; from elsewhere the person is
    led to it.
    """
    path = request.headers.get("HX-Current-URL", "").partition("?")[0]
    slug = request.membership.network.slug
    lists = tuple(reverse(name, args=[slug]) for name in ("action_log", "action_board"))
    return path.endswith(lists) or f"/n/{slug}/projects/" in path


@require_http_methods(["GET", "POST"])
@member_page
def action_edit(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    action = get_action_item_for(request.membership, pk)
    need(rules.may_reword_action(request.membership, action))
    form = EditActionForm(request.POST or None, action=action, by=request.membership)
    return _change(
        request,
        form,
        lambda: edit_action_item(action=action, by=request.membership, **form.cleaned_data),
        action=action,
        title=_("Edit action item"),
        message=_("The action item was changed."),
        name="edit",
    )


@require_http_methods(["GET", "POST"])
@member_page
def action_state(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    action = get_action_item_for(request.membership, pk)
    need(rules.may_update_action(request.membership, action))
    asked = request.GET.get("state", "")
    initial = {"version": action.version, "state": asked if asked in ActionItem.State else action.state}
    form = StateForm(request.POST or None, initial=initial)
    return _change(
        request,
        form,
        lambda: change_state(
            action=action,
            state=form.cleaned_data["state"],
            note=form.cleaned_data["state_note"],
            version=form.cleaned_data["version"],
            by=request.membership,
        ),
        action=action,
        title=_("Change the state"),
        message=_("The state was changed."),
        name="state",
    )


@require_http_methods(["GET", "POST"])
@member_page
def action_due(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    action = get_action_item_for(request.membership, pk)
    need(rules.may_update_action(request.membership, action))
    form = DueForm(request.POST or None, initial={"version": action.version, "due_on": action.due_on})
    return _change(
        request,
        form,
        lambda: change_due(
            action=action,
            due_on=form.cleaned_data["due_on"],
            reason=form.cleaned_data["due_reason"],
            version=form.cleaned_data["version"],
            by=request.membership,
        ),
        action=action,
        title=_("Change the due date"),
        message=_("The due date was changed."),
        name="due",
    )


@require_http_methods(["GET", "POST"])
@member_page
def action_follow_up(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    action = get_action_item_for(request.membership, pk)
    need(rules.may_update_action(request.membership, action))
    form = FollowUpForm(request.POST or None, initial={"version": action.version, "follow_up_on": action.follow_up_on})
    return _change(
        request,
        form,
        lambda: change_follow_up(
            action=action,
            follow_up_on=form.cleaned_data["follow_up_on"],
            version=form.cleaned_data["version"],
            by=request.membership,
        ),
        action=action,
        title=_("Follow-up"),
        message=_("The follow-up was changed."),
        name="follow-up",
    )


def _change(
    request: MemberRequest,
    form: BaseForm,
    save: Callable[[], ActionItem],
    *,
    action: ActionItem,
    title: str,
    message: str,
    name: str,
) -> HttpResponse:
    """Ask for a change of an action item and make it; a conflict comes back with both texts."""
    stale = None
    if form.is_valid():
        try:
            save()
            return done(request, message, back=_address(action))
        except Refused as why:
            form.add_error(None, str(why))
        except Stale as conflict:
            stale = conflict
    key = f"action-{name}-{action.pk}"
    return ask(
        request,
        form,
        title=title,
        intro=action.title,
        submit=_("Save"),
        back=_address(action),
        form_id=key,
        draft=key,
        stale=stale,
    )


def _address(action: ActionItem) -> str:
    return reverse("action_item", args=[action.network.slug, action.pk])

"""The board of action items, the buttons that move its cards, and handing one over to another town."""

from __future__ import annotations

from dataclasses import replace

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from collab.live.answers import Refused, Stale, ask, done, refused
from collab.network.access import MemberRequest, member_page, need
from workgroups import rules
from workgroups.domain.action_item import ask_to_take_over, change_state
from workgroups.forms.action_item import BoardFilterForm, HandOverForm, MoveForm
from workgroups.queries.action_board import board_filter
from workgroups.queries.action_item import ActionFilter, get_action_item_for


@require_safe
@member_page
def action_board(request: MemberRequest, slug: str) -> HttpResponse:
    if not rules.may_read_log(request.membership):
        raise Http404
    network, wanted = request.membership.network, board_filter(ActionFilter.parse(request.GET))
    context = {
        "network": network,
        "section": "actions",
        "wanted": wanted,
        # The board shows the finished ones too: so does its file.
        "exported": replace(wanted, state="all") if wanted.state == "open" else wanted,
        "filter": BoardFilterForm(network.pk, wanted),
        "may_add": rules.may_add_action(request.membership),
        "view": "board",
    }
    return render(request, "workgroups/action_board.html", context)


@require_POST
@member_page
def action_move(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    """A card of the board goes into another column; without JavaScript the person comes back to the board."""
    action = get_action_item_for(request.membership, pk)
    need(rules.may_update_action(request.membership, action))
    form = MoveForm(request.POST)
    back = reverse("action_board", args=[slug])
    if not form.is_valid():
        return refused(request, _("This could not be understood. Open the action item."), back=back, status=422)
    try:
        change_state(action=action, note="", by=request.membership, **form.cleaned_data)
    except Stale as conflict:
        why = _("%(who)s has changed “%(title)s” meanwhile. Look at it again.")
        return refused(request, why % {"who": conflict.who or "?", "title": action.title}, back=back)
    except Refused as no:
        return refused(request, str(no), back=back)
    return done(request, "", back=back)


@require_http_methods(["GET", "POST"])
@member_page
def action_hand_over(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    action = get_action_item_for(request.membership, pk)
    need(rules.may_hand_over(request.membership, action))
    back = reverse("action_item", args=[slug, pk])
    form = HandOverForm(request.POST or None, action=action)
    if form.is_valid():
        try:
            offer = ask_to_take_over(action=action, by=request.membership, **form.cleaned_data)
        except Refused as why:
            form.add_error(None, str(why))
        else:
            asked = _("%(town)s was asked to take it over.") % {"town": offer.municipality}
            return done(request, asked, back=back)
    key = f"action-hand-over-{action.pk}"
    return ask(
        request,
        form,
        title=_("Hand over to another municipality"),
        intro=action.title,
        submit=pgettext("verb", "Ask"),
        back=back,
        form_id=key,
        draft=key,
    )

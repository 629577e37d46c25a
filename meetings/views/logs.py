"""The decision log, and the permanent page of a decision."""

from __future__ import annotations

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from collab.network.access import MemberRequest, member_page
from meetings.queries.decisions import (
    DecisionFilter,
    get_decision_for,
    group_choices,
    meeting_choices,
    year_choices,
)
from workgroups.rules import may_read_log


class DecisionFilterForm(forms.Form):
    """The bar above the log."""

    year = forms.ChoiceField(label=_("Year"), required=False)
    group = forms.ChoiceField(label=_("Group"), required=False)
    meeting = forms.ChoiceField(label=_("Meeting"), required=False)
    q = forms.CharField(
        label=_("Search"), required=False, widget=forms.TextInput(attrs={"type": "search", "maxlength": 80})
    )

    def __init__(self, network_id: int, wanted: DecisionFilter) -> None:
        values = ("year", "group", "meeting", "q")
        super().__init__(initial={name: getattr(wanted, name) for name in values}, auto_id="filter_%s")
        for name, every, choices in (
            ("year", _("All years"), year_choices(network_id)),
            ("group", _("All groups"), group_choices(network_id)),
            ("meeting", _("All meetings"), meeting_choices(network_id)),
        ):
            self.fields[name].choices = [("", every), *choices]  # type: ignore[attr-defined]


@require_safe
@member_page
def decision_log(request: MemberRequest, slug: str) -> HttpResponse:
    if not may_read_log(request.membership):
        raise Http404
    network, wanted = request.membership.network, DecisionFilter.parse(request.GET)
    context = {
        "network": network,
        "section": "decisions",
        "wanted": wanted,
        "filter": DecisionFilterForm(network.pk, wanted),
    }
    return render(request, "meetings/decision_log.html", context)


@require_safe
@member_page
def decision(request: MemberRequest, slug: str, reference: str) -> HttpResponse:
    found = get_decision_for(request.membership, reference)
    context = {"network": request.membership.network, "section": "decisions", "decision": found}
    return render(request, "meetings/decision.html", context)

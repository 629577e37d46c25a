"""The decision log, and the permanent page of a decision."""

from __future__ import annotations

from collections.abc import Collection

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_safe

from collab.network.access import MemberRequest, member_page
from meetings.models import Decision
from meetings.queries.adoption import canonical_page
from meetings.queries.decisions import (
    DecisionFilter,
    get_decision_for,
    group_choices,
    meeting_choices,
    topic_choices,
    town_choices,
    year_choices,
)
from meetings.queries.visibility import groups_inside
from workgroups.rules import may_read_log

MORE = ("topic", "group", "meeting")


class DecisionFilterForm(forms.Form):
    """The bar above the log."""

    year = forms.ChoiceField(label=_("Year"), required=False)
    topic = forms.ChoiceField(label=_("Topic"), required=False)
    state = forms.ChoiceField(label=pgettext_lazy("decision", "State"), required=False)
    town = forms.ChoiceField(label=_("Municipality"), required=False)
    # Chosen in the list, once there is a municipality.
    part = forms.CharField(widget=forms.HiddenInput, required=False)
    group = forms.ChoiceField(label=_("Group"), required=False)
    meeting = forms.ChoiceField(label=_("Meeting"), required=False)
    q = forms.CharField(
        label=_("Search"), required=False, widget=forms.TextInput(attrs={"type": "search", "maxlength": 80})
    )

    def __init__(self, network_id: int, wanted: DecisionFilter, inside: Collection[int]) -> None:
        super().__init__(initial={name: getattr(wanted, name) for name in self.base_fields}, auto_id="filter_%s")
        for name, every, choices in (
            ("year", _("All years"), year_choices(network_id, inside)),
            ("topic", _("All topics"), topic_choices(network_id, inside)),
            ("state", _("All states"), Decision.State.choices),
            ("town", _("All municipalities"), town_choices(network_id)),
            ("group", _("All groups"), group_choices(network_id, inside)),
            ("meeting", _("All meetings"), meeting_choices(network_id, inside, wanted)),
        ):
            self.fields[name].choices = [("", every), *choices]  # type: ignore[attr-defined]
        self.has_more = any(getattr(wanted, name) for name in MORE)

    def first_fields(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if field.name not in MORE]

    def more_fields(self) -> list[forms.BoundField]:
        """Return those that stand behind "More filters"."""
        return [self[name] for name in MORE]


@require_safe
@member_page
def decision_log(request: MemberRequest, slug: str) -> HttpResponse:
    if not may_read_log(request.membership):
        raise Http404
    network, wanted = request.membership.network, DecisionFilter.parse(request.GET)
    bar = DecisionFilterForm(network.pk, wanted, groups_inside(request.membership))
    years = [year for year, _label in bar.fields["year"].choices if year]  # type: ignore[attr-defined]
    context = {
        "network": network,
        "section": "decisions",
        "tab": "log",
        "wanted": wanted,
        "filter": bar,
        # Whose decisions are handed out as one document.
        "year": wanted.year or next(iter(years), None),
    }
    return render(request, "meetings/decision_log.html", context)


@require_safe
@member_page
def decision(request: MemberRequest, slug: str, reference: str) -> HttpResponse:
    found = get_decision_for(request.membership, reference)
    context = {
        "network": request.membership.network,
        "section": "decisions",
        "decision": found,
        "adoptions_page": canonical_page(f"page={request.GET.get('page', '')}"),
    }
    return render(request, "meetings/decision.html", context)

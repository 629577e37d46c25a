"""What people fill in to put something to the vote by circulation, to withdraw it, to object, and to name a deputy."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from collab.live.answers import OnceForm, VersionForm
from collab.network.models import Membership, Network
from meetings.domain.circular import LONGEST, USUAL_DAYS, USUAL_TIME, VISIBLE_TO
from meetings.domain.deputy import DeputyNow
from meetings.models import Visibility
from meetings.queries.circular import VoteFilter, group_choices, year_choices
from workgroups.forms.fields import PersonField, day_field
from workgroups.models import Group
from workgroups.queries.project import blocks_of

LONGEST_REASON = 1000


def text_area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class GroupField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Group) -> str:
        return obj.name


class CircularForm(OnceForm):
    """A proposal, and until when the towns answer."""

    group = GroupField(Group.objects.none(), label=gettext_lazy("Group"), empty_label=None)
    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=200)
    text = forms.CharField(
        label=gettext_lazy("Proposed wording"),
        max_length=5000,
        widget=text_area(5),
        help_text=gettext_lazy("What the municipalities vote on, word for word. It cannot be changed afterwards."),
    )
    background = forms.CharField(
        label=gettext_lazy("Background"), max_length=10_000, required=False, widget=text_area(4)
    )
    deadline_on = day_field(label=gettext_lazy("Last day"))
    deadline_time = forms.TimeField(
        label=gettext_lazy("Ends at"),
        initial=USUAL_TIME,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=gettext_lazy("German time. Later voices do not count."),
    )
    topic = forms.ChoiceField(label=gettext_lazy("Topic block"), required=False)
    visibility = forms.ChoiceField(label=gettext_lazy("Who may see it"))

    def __init__(self, *args: Any, network: Network, groups: Any, today: date, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["group"].queryset = groups  # type: ignore[attr-defined]
        deadline = self.fields["deadline_on"]
        deadline.initial = today + timedelta(days=USUAL_DAYS)
        deadline.widget.attrs.update(min=today.isoformat(), max=(today + LONGEST).isoformat())
        blocks = [("", _("– none –")), *blocks_of(network.pk).items()]
        self.fields["topic"].choices = blocks  # type: ignore[attr-defined]
        seen = [(value, Visibility(value).label) for value in VISIBLE_TO]
        self.fields["visibility"].choices = seen  # type: ignore[attr-defined]


class WithdrawCircularForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=LONGEST_REASON,
        widget=text_area(3),
        help_text=gettext_lazy("Everybody who sees the vote can read it."),
    )


class ObjectionForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("What speaks against deciding by circulation?"),
        max_length=LONGEST_REASON,
        widget=text_area(3),
        help_text=gettext_lazy("Everybody who sees the vote can read it."),
    )


class DeputyForm(VersionForm):
    membership = PersonField(
        Membership.objects.none(), label=gettext_lazy("Deputy"), required=False, empty_label=gettext_lazy("– nobody –")
    )

    def __init__(self, *args: Any, people: Any, now: DeputyNow, **more: Any) -> None:
        more["initial"] = {"version": now.version, "membership": now.membership}
        super().__init__(*args, **more)
        self.fields["membership"].queryset = people  # type: ignore[attr-defined]


class VoteFilterForm(forms.Form):
    """The bar above the list."""

    year = forms.ChoiceField(label=gettext_lazy("Year"), required=False)
    group = forms.ChoiceField(label=gettext_lazy("Group"), required=False)
    q = forms.CharField(
        label=gettext_lazy("Search"), required=False, widget=forms.TextInput(attrs={"type": "search", "maxlength": 80})
    )

    def __init__(self, network_id: int, groups: list[int], wanted: VoteFilter) -> None:
        values = ("year", "group", "q")
        super().__init__(initial={name: getattr(wanted, name) for name in values}, auto_id="filter_%s")
        years = [(year, str(year)) for year in year_choices(network_id, groups)]
        for name, every, choices in (
            ("year", _("All years"), years),
            ("group", _("All groups"), group_choices(network_id, groups)),
        ):
            self.fields[name].choices = [("", every), *choices]  # type: ignore[attr-defined]

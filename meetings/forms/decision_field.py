"""A field for a decision, named by its number."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from collab.network.models import Membership
from meetings.models import Decision
from meetings.queries.life import named_decision


class DecisionField(forms.CharField):
    """A decision, by the number that people quote; `by` and `choices` are set by the form."""

    by: Membership | None = None

    def __init__(self, **more: Any) -> None:
        widget = forms.TextInput(attrs={"list": "decisions-to-name", "autocomplete": "off", "placeholder": "2026-014"})
        super().__init__(max_length=12, widget=widget, **more)

    def clean(self, value: Any) -> Decision | None:
        reference = super().clean(value)
        if not reference:
            return None
        found = named_decision(self.by, reference) if self.by else None
        if found is None:
            raise forms.ValidationError(_("There is no decision with this number. Write it like 2026-014."))
        return found

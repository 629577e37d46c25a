"""Fields that several forms share."""

from __future__ import annotations

from typing import Any

from django import forms

from collab.network.models import Membership


class PersonField(forms.ModelChoiceField):
    """A person with the town they act for, so that two officers can be told apart."""

    def label_from_instance(self, obj: Membership) -> str:
        return f"{obj.acts_for} – {obj.person}" if obj.acts_for else str(obj.person)


def day_field(**more: Any) -> forms.DateField:
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **more)

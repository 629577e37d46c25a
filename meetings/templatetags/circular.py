from __future__ import annotations

from datetime import date

from django import template
from django.utils import timezone

register = template.Library()


@register.filter
def days_until(day: date) -> int:
    """Return how many days there are from today to a day."""
    return (day - timezone.localdate()).days

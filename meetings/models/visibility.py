from __future__ import annotations

from django.db import models
from django.utils.translation import pgettext_lazy


class Visibility(models.TextChoices):
    """Who may read an agenda item, a decision, minutes. Public is what the coordinator published (Publication)."""

    GROUP = "group", pgettext_lazy("visibility", "The group")
    NETWORK = "network", pgettext_lazy("visibility", "The network")
    PUBLIC = "public", pgettext_lazy("visibility", "Public")


def passed_on(visibility: str) -> str:
    """Return who may read what comes of something. What is public was made so by itself, and nothing else with it."""
    return Visibility.NETWORK if visibility == Visibility.PUBLIC else visibility

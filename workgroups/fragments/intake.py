"""The sentences of what was brought in from files."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from collab.live import verbs

verbs.register(
    {
        "intake_municipalities": _("%(actor)s brought in municipalities from “%(file)s”"),
        "intake_people": _("%(actor)s brought in people from “%(file)s”"),
        "intake_projects": _("%(actor)s brought in projects from “%(file)s”: %(new)s new, %(changed)s changed"),
        "intake_actions": _("%(actor)s brought in action items from “%(file)s”: %(new)s new, %(changed)s changed"),
    },
    # Of these each single one stands in the feed.
    quiet={"intake_municipalities", "intake_people"},
)

"""What can be found of meetings: decisions and agenda items."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from collab.search import kinds
from collab.search.kinds import Kind
from meetings.queries import entries

kinds.register(
    Kind("decision", _("Decisions"), "/n/{slug}/decisions/{key}/", entries.all_decisions),
    Kind("item", _("Agenda items"), "/n/{slug}/items/{key}/", entries.all_items),
)

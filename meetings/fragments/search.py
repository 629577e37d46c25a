"""What can be found of meetings: decisions, votes by circulation without one, agenda items and minutes."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from collab.search import kinds
from collab.search.kinds import Kind
from meetings.queries import entries
from meetings.queries.minutes_entries import all_minutes
from meetings.queries.visibility import circles_inside_closed_to
from meetings.queries.vote_entries import KIND, all_votes, circles_of_votes_closed_to

kinds.register(
    Kind("decision", _("Decisions"), "/n/{slug}/decisions/{key}/", entries.all_decisions),
    Kind(KIND, _("Votes by circulation"), "/n/{slug}/votes/{key}/", all_votes),
    Kind("item", _("Agenda items"), "/n/{slug}/items/{key}/", entries.all_items),
    Kind("minutes", pgettext_lazy("documents", "Minutes"), "/n/{slug}/meetings/{key}/minutes/", all_minutes),
)
kinds.register_circles(circles_inside_closed_to)
kinds.register_circles(circles_of_votes_closed_to)

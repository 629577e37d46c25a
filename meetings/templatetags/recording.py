from __future__ import annotations

from django import template

from meetings.queries.wording import corrections_of

register = template.Library()
# The latest first; reads the prefetched revisions.
register.filter("corrections", corrections_of)

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from collab.live.regions import audience_of, region_id, render
from collab.live.verbs import local_date, sentence

register = template.Library()
register.filter("sentence", sentence)
register.filter("local_date", local_date)


@register.simple_tag(takes_context=True)
def region(context: template.Context, name: str, pk: int, variant: str = "") -> SafeString:
    """Render a live region for this request's member; nothing where they may not see it."""
    identifier = region_id(name, pk, variant)
    audience = audience_of(identifier, context["request"].membership)
    if audience is None:
        return SafeString("")
    # The template rendered it with autoescaping on; it is markup already.
    return mark_safe(render(identifier, audience, get_language() or "de"))  # noqa: S308

"""The presentation view for projector and shared screen."""

from __future__ import annotations

import segno
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_GET

from collab.network.access import MemberRequest, member_page, need
from meetings.queries.agenda import get_meeting_for
from meetings.rules import ITEM_GUEST


@require_GET
@member_page
def show(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    meeting, role = get_meeting_for(request.membership, pk)
    need(role != ITEM_GUEST)
    room = request.build_absolute_uri(reverse("meeting", args=[slug, pk]))
    context = {
        "section": "meetings",
        "network": meeting.network,
        "meeting": meeting,
        "address": address_of(room),
        "code": qr_code(room),
    }
    return render(request, "meetings/wall.html", context)


def address_of(url: str) -> SafeString:
    """Return the address as people type it, without "https://", with places where a line may break."""
    return format_html_join(mark_safe("/<wbr>"), "{}", ((part,) for part in url.partition("://")[2].split("/")))


def qr_code(text: str) -> SafeString:
    """Return the QR code of a text as an SVG element that fills its parent; with the quiet zone readers need."""
    code = segno.make(text, error="m", micro=False)
    # Made of numbers only: nothing of the text itself stands in it.
    return mark_safe(code.svg_inline(omitsize=True, border=4))  # noqa: S308

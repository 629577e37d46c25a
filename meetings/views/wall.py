"""The presentation view for projector and shared screen."""

from __future__ import annotations

import segno
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
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


def address_of(url: str) -> list[str]:
    """Return the parts of the address as people type it, without "https://": a line may break between them."""
    return url.partition("://")[2].split("/")


def qr_code(text: str) -> str:
    """Return the QR code of a text as the address of an SVG picture; with the quiet zone that readers need."""
    return segno.make(text, error="m", micro=False).svg_data_uri(omitsize=True, border=4)

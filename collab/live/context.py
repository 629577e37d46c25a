from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from .log import version_of


def live(request: HttpRequest) -> dict[str, Any]:
    """Give base.html the log's version that the page was rendered at.

    The view's `membership_required` reads it before it reads anything else, so that a page is never newer than it says.
    """
    membership = getattr(request, "membership", None)
    if membership is None:
        return {"live_version": 0}
    return {"live_version": getattr(request, "live_version", None) or version_of(membership.network_id)}

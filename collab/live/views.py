"""The polling fallback: the same catch-up as over the socket, for networks that block WebSockets."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from collab.network.queries import find_membership

from .catch_up import audiences, catch_up, news
from .log import FAR_BEHIND
from .models import Change
from .socket import MAX_REGIONS


@require_GET
@never_cache
def poll(request: HttpRequest, slug: str) -> HttpResponse:
    """Answer with the regions (`r`) that are stale since version `v`, as JSON; 401 signed out, 404 not a member."""
    if not request.user.is_authenticated:
        return JsonResponse({"error": "signed out"}, status=401)
    membership = find_membership(request.user, slug)
    if membership is None:
        return JsonResponse({"error": "not found"}, status=404)
    try:
        since = int(request.GET.get("v", ""))
    except ValueError:
        return JsonResponse({"error": "v must be a whole number"}, status=400)
    wanted = list(dict.fromkeys(request.GET.getlist("r")))[:MAX_REGIONS]
    language = translation.get_language() or "de"
    seen_by = audiences(membership, wanted)
    version, stale = catch_up(membership, language, since, seen_by)
    changes = _news_since(membership.network_id, since, version)
    regions = [
        {
            "id": s.region,
            "v": s.version,
            "html": s.html,
            "news": news(changes, s.region, language, seen_by[s.region] or ""),
        }
        for s in stale
        if s.html is not None
    ]
    gone = [s.region for s in stale if s.html is None]
    return JsonResponse({"version": version, "regions": regions, "gone": gone})


def _news_since(network_id: int, since: int, upto: int) -> list[Change]:
    if since < 0 or upto - since > FAR_BEHIND:
        return []
    return list(Change.objects.filter(network_id=network_id, version__gt=since, version__lte=upto).order_by("version"))

"""Pages and answers that belong to no network: entrance, language, state of the process."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from collab.live.answers import is_htmx

from ..domain.person import choose_language
from ..queries import memberships_of


def safe_next(request: HttpRequest, otherwise: str) -> str:
    """Return the posted path to go to next if it is one of ours."""
    wanted = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    # Without the slash `redirect` would take it for the name of a view.
    return wanted if ours and wanted.startswith("/") else otherwise


@require_GET
@login_required
def start(request: Any) -> HttpResponse:
    """Lead to the person's network; let them choose where there are several."""
    memberships = list(memberships_of(request.user))
    if len(memberships) == 1:
        return redirect("home", memberships[0].network.slug)
    return render(request, "network/start.html", {"memberships": memberships})


@require_GET
@login_required
def network_list(request: Any) -> HttpResponse:
    return render(request, "network/start.html", {"memberships": list(memberships_of(request.user))})


@require_POST
def set_language(request: Any) -> HttpResponse:
    """Switch the language for this browser and, where somebody is signed in, for the person."""
    response = redirect(safe_next(request, "/"))
    language = request.POST.get("language")
    if language not in dict(settings.LANGUAGES):
        return response
    if request.user.is_authenticated:
        choose_language(person=request.user, language=language)
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=365 * 24 * 3600,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form without a valid token: nothing was changed, and what to do."""
    if is_htmx(request):
        why = _("This page is too old to save from. Please reload it; what you typed is kept.")
        return HttpResponse(status=403, headers={"X-Message": quote(why)})
    return render(request, "403_csrf.html", status=403)


@require_GET
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Say that the process is alive."""
    return JsonResponse({"status": "ok"})


@require_GET
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """Say whether this process can serve: 200 with every part "ok", else 503 with what failed."""
    parts = {"database": _database()}
    parts["migrations"] = _migrations() if parts["database"] == "ok" else "unknown"
    parts["channel_layer"] = _channel_layer()
    ready = all(state == "ok" for state in parts.values())
    return JsonResponse({"status": "ok" if ready else "not ready", **parts}, status=200 if ready else 503)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "unreachable"
    return "ok"


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    return "unapplied" if executor.migration_plan(executor.loader.graph.leaf_nodes()) else "ok"


def _channel_layer() -> str:
    if not settings.REDIS_URL:
        return "ok"
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2, socket_timeout=2) as client:
            client.ping()
    except (redis.RedisError, OSError):
        return "unreachable"
    return "ok"

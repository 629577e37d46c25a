"""The server's entry: HTTP to Django, WebSockets to the live layer."""

import os
from collections.abc import Awaitable, Callable
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "collab.settings")
django_application = get_asgi_application()

from channels.routing import ProtocolTypeRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402

from collab.clock import ensure_clock  # noqa: E402
from collab.live.hub import ensure_hub  # noqa: E402
from collab.live.socket import live_socket  # noqa: E402

Scope = dict[str, Any]


async def http(scope: Scope, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]) -> None:
    # The hub lives in the server's loop from the first request on, so that no write has to wait for Redis.
    ensure_hub()
    ensure_clock()
    await django_application(scope, receive, send)


application = ProtocolTypeRouter({"http": http, "websocket": AllowedHostsOriginValidator(live_socket)})

"""Telling every process that something changed. A hint without content: the truth is in the database.

A hint may be lost (Redis restarts, a process is busy); each hub compares itself with the database every few seconds.
So nothing here ever raises, and nothing here makes a request wait for Redis.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.conf import settings
from redis.exceptions import RedisError

GROUP = "collab.live"
LONGEST_WAIT = 0.25  # seconds
UNREACHABLE = (RedisError, OSError, asyncio.TimeoutError)
log = logging.getLogger(__name__)


def changed(network_id: int, version: int) -> None:
    """Say that a network's log has reached `version`."""
    _announce({"network": network_id, "version": version})


def session_ended(session_key: str) -> None:
    """Say that a session is over, so that its sockets close at once."""
    _announce({"session": session_mark(session_key)})


def session_mark(session_key: str) -> str:
    """Return a name for a session that may travel through Redis and logs without being the session."""
    return hashlib.sha256(session_key.encode()).hexdigest()


def _announce(hint: dict[str, Any]) -> None:
    from .hub import running_hub

    if hub := running_hub():
        _let_it_go_first(hub.hear_threadsafe(hint))
    elif settings.REDIS_URL:
        # A management command or a test: no loop of ours is running that could send for us.
        async_to_sync(send)(hint)


def _let_it_go_first(on_its_way: Future[None]) -> None:
    """Answer a writer when their change is on its way to the screens, or after a moment where the hub is busy.

    So "saved" means that the others see it, and in a burst it is the writers who wait, not the screens.
    """
    with suppress(TimeoutError):
        on_its_way.result(timeout=LONGEST_WAIT)


async def send(hint: dict[str, Any]) -> None:
    """Pass a hint to the hubs of the other processes; a dead Redis is logged, never raised."""
    try:
        async with asyncio.timeout(3):
            await get_channel_layer().group_send(GROUP, {"type": "hint", "hint": hint})
    except UNREACHABLE as error:
        log.warning("Redis is out of reach (%s); the other processes will notice the change themselves", error)

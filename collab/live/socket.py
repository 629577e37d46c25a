"""The WebSocket endpoint: it says hello, acknowledges, and listens. Nothing is ever written through it.

A plain ASGI application: Channels' consumers make a thread hop per message, and the hub needs nothing of them.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import time
from importlib import import_module
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, get_user
from django.http.cookie import parse_cookie

from collab.network.models import Membership
from collab.network.queries import find_membership

from .announce import session_mark
from .batch import encode_region
from .catch_up import Stale, audiences, catch_up
from .hub import ACCESS_CHANGED, NO_ACCESS, SIGNED_OUT, Hub, encode, ensure_hub
from .log import version_of
from .outbox import FELL_BEHIND, Send, Socket
from .sweep import Holder, holders_gone

# A page of the board has 60 rows, each a region of its own.
MAX_MESSAGE, MAX_REGIONS, MESSAGES_PER_SECOND = 16_384, 100, 20
# A hello costs the database as much as a page does.
HELLO_COSTS = 5
log = logging.getLogger(__name__)
PROTOCOL_ERROR = 4400
Receive = Any


async def live_socket(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Serve one browser page from its connection to its end."""
    hub = ensure_hub()
    if (await receive())["type"] != "websocket.connect":
        return
    await send({"type": "websocket.accept"})
    code, membership, version, session_key, session_hash = await hub.at_desk(_identify, scope)
    if membership is None:
        # Closing after accepting: before it, the browser could not tell "signed out" from "blocked".
        await send({"type": "websocket.close", "code": code})
        return
    holder = Holder(
        session_key,
        session_hash,
        membership.person_id,
        membership.network_id,
        membership.pk,
        membership.role,
        membership.municipality_id,
    )
    socket = Socket(holder, session_mark(session_key), settings.LANGUAGE_CODE)
    if hub.is_crowded(socket.session_mark):
        await send({"type": "websocket.close", "code": PROTOCOL_ERROR})
        return
    sender = asyncio.ensure_future(_pump(socket, send))
    # Known to the hub before it says a word, so that it is closed when its session or membership ends meanwhile.
    hub.enter(socket, version, {})
    try:
        await Conversation(hub, socket, membership).listen(receive)
    finally:
        hub.leave(socket)
        sender.cancel()


async def _pump(socket: Socket, send: Send) -> None:
    """Empty the outbox; a socket whose sending fails is closed instead of staying open and silent."""
    try:
        await socket.pump(send)
    except (OSError, RuntimeError, ValueError) as error:
        log.warning("a socket cannot be sent to (%s); it is closed", error)
        await send({"type": "websocket.close", "code": FELL_BEHIND})


class Conversation:
    def __init__(self, hub: Hub, socket: Socket, membership: Membership) -> None:
        self.hub, self.socket, self.membership = hub, socket, membership
        self._allowance, self._counted_at = float(MESSAGES_PER_SECOND), time.monotonic()

    async def listen(self, receive: Receive) -> None:
        while (event := await receive())["type"] == "websocket.receive":
            message = self._parse(event.get("text"))
            if message is None or self._too_many(message):
                self.hub.close(self.socket, PROTOCOL_ERROR)
            elif message["t"] == "hello":
                await self._hello(message)
            else:
                self._beat(message)

    @staticmethod
    def _parse(text: str | None) -> dict[str, Any] | None:
        """Return the message if it is one that a page of ours could have sent."""
        if not text or len(text) > MAX_MESSAGE:
            return None
        try:
            message = json.loads(text)
        except (ValueError, RecursionError):
            return None
        if not isinstance(message, dict):
            return None
        if message.get("t") == "hello":
            regions = message.get("regions")
            good = type(message.get("v")) is int and isinstance(regions, list) and len(regions) <= MAX_REGIONS
            texts = [message.get("lang", ""), *(regions or [])] if good else [None]
            return message if all(isinstance(text, str) and _is_sendable(text) for text in texts) else None
        return message if message.get("t") == "beat" and type(message.get("n")) is int else None

    def _too_many(self, message: dict[str, Any]) -> bool:
        now = time.monotonic()
        self._allowance += (now - self._counted_at) * MESSAGES_PER_SECOND
        self._allowance, self._counted_at = min(self._allowance, MESSAGES_PER_SECOND), now
        self._allowance -= HELLO_COSTS if message["t"] == "hello" else 1
        return self._allowance < 0

    async def _hello(self, message: dict[str, Any]) -> None:
        if message.get("lang") in dict(settings.LANGUAGES):
            self.hub.leave(self.socket)
            self.socket.language = message["lang"]
        version, seen_by = await self.hub.at_desk(_rights, self.membership, self.socket.holder, message["regions"])
        if seen_by is None:
            self.hub.close(self.socket, ACCESS_CHANGED)
            return
        # First subscribe, then look what was missed: a change in between comes twice rather than never.
        self.hub.enter(self.socket, version, seen_by)
        version, stale = await self.hub.at_desk(catch_up, self.membership, self.socket.language, message["v"], seen_by)
        self._bring(version, stale)

    def _bring(self, version: int, stale: list[Stale]) -> None:
        for region in stale:
            self.socket.put(region.region, encode_region(region.region, region.version, region.html, []))
        self.socket.put("#ready", encode("ready", v=version, beat=settings.LIVE_BEAT_SECONDS))

    def _beat(self, message: dict[str, Any]) -> None:
        if not 0 <= message["n"] <= self.socket.sent:
            self.hub.close(self.socket, PROTOCOL_ERROR)
            return
        self.socket.acknowledged = max(self.socket.acknowledged, message["n"])
        stream = self.hub.streams.get(self.socket.holder.network_id)
        if stream is not None and self.socket in stream.sockets:
            self.socket.put("#beat", encode("beat", v=stream.done))


def _is_sendable(text: str) -> bool:
    """Return whether the text can go over the wire again: JSON can hold halves of characters, UTF-8 cannot."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _rights(membership: Membership, holder: Holder, regions: list[str]) -> tuple[int, dict[str, str | None] | None]:
    """Return the log's version and the audience in each region; None where the holder lost access since the opening."""
    version = version_of(membership.network_id)
    if holders_gone({holder}):
        return version, None
    return version, audiences(membership, list(dict.fromkeys(regions)))


def _identify(scope: dict[str, Any]) -> tuple[int, Membership | None, int, str, str]:
    """Return (close code, membership or None, log's version, session key, session hash) of who opens the socket."""
    path = re.fullmatch(r"/ws/n/([-\w]{1,60})/", scope["path"])
    session = import_module(settings.SESSION_ENGINE).SessionStore(_session_key(scope))
    person = get_user(SimpleNamespace(session=session))  # type: ignore[arg-type]
    if not person.is_authenticated:
        return SIGNED_OUT, None, 0, "", ""
    membership = find_membership(person, path[1]) if path else None
    version = version_of(membership.network_id) if membership else 0
    return NO_ACCESS, membership, version, session.session_key or "", session.get(HASH_SESSION_KEY, "")


def _session_key(scope: dict[str, Any]) -> str:
    # Django's parser, as for pages: other people's odd cookies beside ours change nothing.
    cookies = b"; ".join(value for name, value in scope["headers"] if name == b"cookie")
    return parse_cookie(cookies.decode("latin-1")).get(settings.SESSION_COOKIE_NAME, "")

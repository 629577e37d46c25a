"""The product's application with a floor beside it: a bare socket behind the same hub, and the hub's counters.

The floor shows what the server, the hub's delivery and the clients cost by themselves: one text, encoded beforehand,
goes to every socket. Whatever the product takes longer is the cost of knowing what changed and of rendering it.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import parse_qs

from collab.asgi import application as product
from collab.live.batch import Batch
from collab.live.hub import Hub, encode, ensure_hub
from collab.live.outbox import Socket
from collab.live.sweep import Holder

REGION, VIEWER, NETWORK = "floor-1", ("everybody", "de"), 0
Scope = dict[str, Any]


class Floor(Hub):
    """The hub without database and rendering: what it delivers was encoded before."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.version = 0

    async def _check(self) -> None:
        await asyncio.Event().wait()

    _sweep = _listen = _check

    async def _in_database(self, threads: Any, work: Any, *args: Any) -> Any:
        return await super()._in_database(threads, self._batch)

    def _batch(self) -> Batch:
        return Batch(self.version, {(REGION, REGION, VIEWER): self.text})

    def prepare(self, size: int) -> int:
        """Encode the next text of so many bytes; returns its version."""
        self.version += 1
        head = f'{{"t":"region","id":"{REGION}","v":{self.version},"html":"'
        self.text = head + "x" * (size - len(head) - 2) + '"}'
        return self.version


_floor: Floor | None = None


def floor() -> Floor:
    global _floor
    if _floor is None:
        _floor = Floor()
    return _floor


async def application(scope: Scope, receive: Any, send: Any) -> None:
    path = scope.get("path", "")
    if not path.startswith("/bench/"):
        await product(scope, receive, send)
    elif scope["type"] == "websocket":
        await floor_socket(receive, send)
    elif path == "/bench/forward/":
        await forward(scope, send)
    else:
        await _answer(send, counters())


async def floor_socket(receive: Any, send: Any) -> None:
    """The bare counterpart of `live_socket`."""
    hub = floor()
    await receive()
    await send({"type": "websocket.accept"})
    socket = Socket(Holder("", "", 0, NETWORK, 0, "", None), "", VIEWER[1])
    sender = asyncio.ensure_future(socket.pump(send))
    hub.enter(socket, hub.version, {REGION: VIEWER[0]})
    socket.put("#ready", encode("ready", v=hub.version, beat=20))
    try:
        while (await receive())["type"] == "websocket.receive":
            pass
    finally:
        hub.leave(socket)
        sender.cancel()


async def forward(scope: Scope, send: Any) -> None:
    """The counterpart of a writing request: a thread gives the hub a hint, then the request is answered."""
    hub = floor()
    version = hub.prepare(int(parse_qs(scope["query_string"].decode())["size"][0]))
    hint = {"network": NETWORK, "version": version}
    await asyncio.get_running_loop().run_in_executor(None, _hint, hub, hint)
    await _answer(send, {"version": version})


def _hint(hub: Floor, hint: dict[str, Any]) -> None:
    hub.loop.call_soon_threadsafe(hub._hear, hint)


def counters() -> dict[str, Any]:
    """Return the renders so far, the sockets, and for each region who looks at it."""
    hub = ensure_hub()
    viewers = {
        region: sorted("/".join(viewer) for viewer in seen)
        for stream in hub.streams.values()
        for variants in stream.regions.values()
        for region, seen in variants.items()
    }
    sockets = sum(len(stream.sockets) for stream in hub.streams.values())
    return {"renders": hub.renders, "sockets": sockets, "viewers": viewers}


async def _answer(send: Any, content: dict[str, Any]) -> None:
    body = json.dumps(content).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})

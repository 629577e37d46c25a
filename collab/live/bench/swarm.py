"""Many screens in one process: they speak the page's protocol over real sockets and note when what arrives.

Started as a process of its own; takes one JSON command per line on stdin and answers each with one line. A screen does
as little as possible with what it receives, so that the time measured is the server's and not the clients': it reads
the WebSocket frames itself and looks at the beginning of each message (region and version) without parsing the rest.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import json
import os
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

EVERY = 32  # messages after which a page tells the server how many arrived
BEGIN, HEAD = b'{"t":"', b'{"t":"region","id":"'
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


@dataclass(frozen=True)
class Ticket:
    """What a screen is opened with. `kind` tells who it is: role and language."""

    port: int
    path: str
    cookie: str
    kind: str
    language: str
    version: int
    regions: tuple[str, ...]
    reads: bool = True


class Expectation:
    """All of `screens` are to have these regions in this version or a newer one."""

    def __init__(self, version: int, regions: list[str], screens: int) -> None:
        self.version, self.regions = version, frozenset(regions)
        self.missing = len(regions) * screens
        self.bytes = self.messages = 0
        self.first = self.last = 0.0
        self.fulfilled = asyncio.get_running_loop().create_future()

    def arrived(self, size: int) -> None:
        self.last = time.monotonic()
        self.first = self.first or self.last
        self.bytes += size
        self.messages += 1
        self.missing -= 1
        if not self.missing:
            self.fulfilled.set_result(None)


class Screen(asyncio.Protocol):
    """One open page."""

    def __init__(self, swarm: Swarm, ticket: Ticket) -> None:
        self.swarm, self.ticket = swarm, ticket
        self.version = ticket.version
        self.seen: dict[str, int] = {}
        self.payloads: dict[str, bytes] = {}
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.finished = False
        self._buffer = bytearray()
        self._open = False
        self._received = 0
        self._day = time.localtime().tm_yday
        self.transport: asyncio.Transport

    # -- connecting --------------------------------------------------------------------------------------------------

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            f"GET {self.ticket.path} HTTP/1.1",
            f"Host: 127.0.0.1:{self.ticket.port}",
            f"Origin: http://127.0.0.1:{self.ticket.port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13",
            f"Cookie: {self.ticket.cookie}",
        ]
        transport.write(("\r\n".join(lines) + "\r\n\r\n").encode())

    def connection_lost(self, error: Exception | None) -> None:
        if not self.ready.done():
            self.ready.set_exception(ConnectionError(f"closed before it was ready: {bytes(self._buffer[:80])!r}"))
            self.ready.exception()  # looked at
        if not self.finished:
            self.swarm.lost(self)

    def close(self) -> None:
        self.finished = True
        self.transport.abort()

    def hello(self) -> None:
        regions = list(self.ticket.regions)
        self.send({"t": "hello", "v": self.version, "regions": regions, "lang": self.ticket.language})

    def beat(self) -> None:
        self.send({"t": "beat", "n": self._received})
        today = time.localtime().tm_yday
        if self.ticket.regions and today != self._day:  # as the page does: the day changes what regions say
            self._day, self.version = today, -1
            self.hello()

    def send(self, message: dict[str, Any]) -> None:
        self._frame(TEXT, json.dumps(message, separators=(",", ":")).encode())

    def _frame(self, code: int, payload: bytes) -> None:
        # A masking key of zeros leaves the text as it is; the server unmasks it all the same.
        size = len(payload)
        length = bytes([0x80 | size]) if size < 126 else bytes([0x80 | 126]) + size.to_bytes(2, "big")
        self.transport.write(bytes([0x80 | code]) + length + b"\0\0\0\0" + payload)

    # -- receiving ---------------------------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._open:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            if not self._buffer.startswith(b"HTTP/1.1 101"):
                self.transport.abort()
                return
            del self._buffer[: end + 4]
            self._open = True
            if self.ticket.regions:
                self.hello()
        while (frame := self._next_frame()) is not None:
            self._handle(*frame)

    def _next_frame(self) -> tuple[int, bytes] | None:
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        size, start = buffer[1] & 0x7F, 2
        if size == 126:
            size, start = int.from_bytes(buffer[2:4], "big"), 4
        elif size == 127:
            size, start = int.from_bytes(buffer[2:10], "big"), 10
        if len(buffer) < start + size:
            return None
        code, payload = buffer[0] & 0x0F, bytes(buffer[start : start + size])
        del buffer[: start + size]
        return code, payload

    def _handle(self, code: int, payload: bytes) -> None:
        if code == TEXT:
            self._texts(payload)
        elif code == PING:
            self._frame(PONG, payload)
        elif code == CLOSE:
            self.swarm.closings[int.from_bytes(payload[:2], "big")] += 1
            self.transport.abort()

    def _texts(self, payload: bytes) -> None:
        """Take a message or a list of messages, cut where the next one begins: inside one, quotes are escaped."""
        if payload.startswith(b"["):
            for number, part in enumerate(payload[1:-1].split(b"," + BEGIN)):
                self._text(BEGIN + part if number else part)
        else:
            self._text(payload)

    def _text(self, payload: bytes) -> None:
        if payload.startswith(HEAD):
            end = payload.index(b'"', len(HEAD))
            region = payload[len(HEAD) : end].decode()
            version = int(payload[end + 6 : payload.index(b",", end + 6)])
            self._region(region, version, payload)
        else:
            self._other(json.loads(payload))

    def _region(self, region: str, version: int, payload: bytes) -> None:
        self._count()
        before, self.seen[region] = self.seen.get(region, -1), version
        if self.swarm.keeps:
            self.payloads[region] = payload
        expected = self.swarm.expected
        if expected and before < expected.version <= version and region in expected.regions:
            expected.arrived(len(payload))

    def _other(self, message: dict[str, Any]) -> None:
        if message["t"] == "ready":
            if not self.ready.done():
                self.ready.set_result(None)
            if not self.ticket.reads:
                self.transport.pause_reading()
        elif message["t"] == "beat":
            self.version = message["v"]
        elif message["t"] == "gone":
            self._count()
            self.swarm.gone += 1

    def _count(self) -> None:
        self._received += 1
        if self._received % EVERY == 0:
            self.beat()


class Swarm:
    def __init__(self) -> None:
        self.screens: dict[str, list[Screen]] = {}
        self.expected: Expectation | None = None
        self.keeps = False
        self.returns = False
        self.closings: Counter[int] = Counter()
        self.gone = self.came_back = 0
        self._tasks: set[asyncio.Task[None]] = set()

    # -- commands ----------------------------------------------------------------------------------------------------

    async def open(self, group: str, tickets: list[dict[str, Any]], at_once: int = 20) -> dict[str, Any]:
        """Open screens, some at a time; returns the seconds until all are ready."""
        started, gate = time.monotonic(), asyncio.Semaphore(at_once)

        async def one(ticket: Ticket) -> Screen:
            async with gate:
                return await self._connect(ticket)

        made = [one(Ticket(**{**ticket, "regions": tuple(ticket["regions"])})) for ticket in tickets]
        self.screens.setdefault(group, []).extend(await asyncio.gather(*made))
        return {"seconds": time.monotonic() - started}

    async def close(self, group: str, keep: int = 0) -> dict[str, Any]:
        """Close the screens of a group except the first `keep`."""
        screens = self.screens.get(group, [])
        for screen in screens[keep:]:
            screen.close()
        self.screens[group] = screens[:keep]
        return {"open": keep}

    async def expect(self, group: str, version: int, regions: list[str], timeout: float) -> None:
        """Answer at once; a second answer follows when every screen has the regions, or the time is over."""
        self.expected = expected = Expectation(version, regions, len(self.screens[group]))
        reply({"armed": True})
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(expected.fulfilled), timeout)
        self.expected = None
        reply({name: getattr(expected, name) for name in ("missing", "first", "last", "bytes", "messages")})

    async def record(self, keeps: bool, returns: bool) -> dict[str, Any]:
        """Keep what the screens show, and let them come back when their socket closes."""
        self.keeps, self.returns = keeps, returns
        return {}

    async def shown(self, group: str) -> dict[str, Any]:
        """Return what the reading screens show: kind -> region -> [[version, digest of the HTML, screens], ...]."""
        digests: dict[bytes, str] = {}
        shown: dict[str, dict[str, Counter[tuple[int, str]]]] = {}
        for screen in self.screens[group]:
            if not screen.ticket.reads:
                continue
            regions = shown.setdefault(screen.ticket.kind, {})
            for region in screen.ticket.regions:
                payload = screen.payloads.get(region, b"")
                if payload not in digests:
                    html = json.loads(payload)["html"] if payload else ""
                    digests[payload] = hashlib.sha256(html.encode()).hexdigest()
                key = (screen.seen.get(region, -1), digests[payload])
                regions.setdefault(region, Counter())[key] += 1
        found = {
            kind: {region: [[*key, count] for key, count in seen.items()] for region, seen in regions.items()}
            for kind, regions in shown.items()
        }
        tally = {"came_back": self.came_back, "closings": dict(self.closings), "gone": self.gone}
        return {"shown": found, **tally}

    # -- screens -----------------------------------------------------------------------------------------------------

    async def _connect(self, ticket: Ticket) -> Screen:
        screen = Screen(self, ticket)
        await asyncio.get_running_loop().create_connection(lambda: screen, "127.0.0.1", ticket.port)
        await asyncio.wait_for(asyncio.shield(screen.ready), 60)
        return screen

    def lost(self, screen: Screen) -> None:
        if self.returns and screen.ticket.reads:
            task = asyncio.ensure_future(self._come_back(screen))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _come_back(self, screen: Screen) -> None:
        """Connect again as the page does: with what it has, after a moment of its own."""
        self.came_back += 1
        group = next(name for name, screens in self.screens.items() if screen in screens)
        for attempt in range(10):
            await asyncio.sleep(0.5 * 2 ** min(attempt, 5) * random.uniform(0.5, 1))  # noqa: S311
            ticket = Ticket(**{**vars(screen.ticket), "version": screen.version})
            try:
                fresh = await self._connect(ticket)
            except (OSError, TimeoutError):
                continue
            fresh.seen = {**screen.seen, **fresh.seen}
            fresh.payloads = {**screen.payloads, **fresh.payloads}
            screens = self.screens[group]
            screens[screens.index(screen)] = fresh
            return

    async def beats(self) -> None:
        """Let every screen report back every 20 seconds, one after the other rather than all at once."""
        while True:
            for screens in list(self.screens.values()):
                for screen in list(screens):
                    if screen.ready.done() and not screen.transport.is_closing():
                        screen.beat()
                    await asyncio.sleep(20 / max(1, sum(map(len, self.screens.values()))))
            await asyncio.sleep(0.1)


def reply(content: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(content) + "\n")
    sys.stdout.flush()


async def main() -> None:
    loop = asyncio.get_running_loop()
    # asyncio reads and writes in bits of 256 KB; commands with a thousand tickets are longer than a line's limit.
    commands = asyncio.StreamReader(limit=16 * 1024 * 1024)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    swarm = Swarm()
    beating = asyncio.ensure_future(swarm.beats())
    while line := await commands.readline():
        command = json.loads(line)
        try:
            answer = await getattr(swarm, command.pop("do"))(**command)
        except (OSError, TimeoutError) as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        if answer is not None:
            reply(answer)
    beating.cancel()


if __name__ == "__main__":
    asyncio.run(main())

"""One hub per server process: it renders each changed region once per audience and language for all its sockets."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from channels.layers import get_channel_layer
from django.conf import settings
from django.db import close_old_connections
from django.db.utils import Error as DatabaseError

from . import announce
from .batch import Batch, render_batch
from .outbox import FELL_BEHIND, Socket
from .sweep import Holder, holders_gone, versions_of

log = logging.getLogger(__name__)

SIGNED_OUT, ACCESS_CHANGED, NO_ACCESS = 4401, 4403, 4404
SOCKETS_PER_SESSION = 24
LONGEST_REST = 0.25  # seconds
# So long the pump may work without a rest; the time in which it had nothing to do counts as one.
CREDIT = 0.25
Viewers = dict[tuple[str, str], set[Socket]]


@dataclass
class Stream:
    """What this process knows of one network: how far its sockets are, and who sees which region."""

    done: int
    known: int
    sockets: set[Socket] = field(default_factory=set)
    # base region id -> region id with variant -> (audience, language) -> sockets
    regions: dict[str, dict[str, Viewers]] = field(default_factory=dict)
    # Writers who wait until their change is on its way to the screens.
    writers: list[tuple[int, Future[None]]] = field(default_factory=list)

    def release(self, upto: int | None = None) -> None:
        """Let the writers of versions up to `upto` (all where None) go on."""
        waiting, self.writers = self.writers, []
        for version, future in waiting:
            if upto is None or version <= upto:
                future.set_result(None)
            else:
                self.writers.append((version, future))


class Hub:
    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.streams: dict[int, Stream] = {}
        self.renders = 0
        self._wake = asyncio.Event()
        self._owed, self._rested_at = 0.0, self.loop.time()
        # The pump has a thread of its own, so that a storm of connecting screens does not delay changes.
        self._pump_thread = ThreadPoolExecutor(1, "live-pump")
        self._desk_threads = ThreadPoolExecutor(2, "live-desk")
        self._tasks: set[asyncio.Task[None]] = set()
        for work in (self._pump, self._check, self._sweep, *([self._listen] if settings.REDIS_URL else [])):
            self._start(self._supervised(work))

    # -- hearing of changes ------------------------------------------------------------------------------------------

    def hear_threadsafe(self, hint: dict[str, Any]) -> Future[None]:
        """Take a hint from a request's thread, and pass it on to the other processes.

        Returns what is done when the change is on its way to every screen of this process.
        """
        on_its_way: Future[None] = Future()
        self.loop.call_soon_threadsafe(self._hear_own, hint, on_its_way)
        return on_its_way

    def _hear_own(self, hint: dict[str, Any], on_its_way: Future[None]) -> None:
        self._hear(hint)
        stream = self.streams.get(hint.get("network", 0))
        if stream is not None and stream.done < hint["version"]:
            stream.writers.append((hint["version"], on_its_way))
        else:
            on_its_way.set_result(None)
        if settings.REDIS_URL:
            self._start(announce.send(hint))

    def _hear(self, hint: dict[str, Any]) -> None:
        if "session" in hint:
            self._close_where(lambda socket: socket.session_mark == hint["session"], SIGNED_OUT)
        elif stream := self.streams.get(hint["network"]):
            stream.known = max(stream.known, hint["version"])
            self._wake.set()

    async def _listen(self) -> None:
        layer = get_channel_layer()
        channel = await layer.new_channel("collab.hub")
        await layer.group_add(announce.GROUP, channel)
        while True:
            self._hear((await layer.receive(channel))["hint"])

    async def _check(self) -> None:
        """Compare with the database: whatever hint was lost, no process is behind for longer than this takes."""
        while True:
            await asyncio.sleep(settings.LIVE_CHECK_SECONDS)
            for network, version in (await self.at_desk(versions_of, list(self.streams))).items():
                self._hear({"network": network, "version": version})

    async def _sweep(self) -> None:
        """Close the sockets of sessions and memberships that ended without a word."""
        while True:
            await asyncio.sleep(settings.LIVE_BEAT_SECONDS)
            sockets = [socket for stream in self.streams.values() for socket in stream.sockets]
            gone = await self.at_desk(holders_gone, {socket.holder for socket in sockets})
            for socket in sockets:
                if socket.holder in gone:
                    self.close(socket, SIGNED_OUT)

    # -- sending changes ---------------------------------------------------------------------------------------------

    async def _pump(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            began = self.loop.time()
            for network, stream in list(self.streams.items()):
                if stream.known > stream.done:
                    await self._bring_up_safely(network, stream)
            await self._rest(began)

    async def _bring_up_safely(self, network: int, stream: Stream) -> None:
        """One network's trouble is not the others': its screens are closed and catch up when they return."""
        try:
            await self._bring_up(network, stream)
        except DatabaseError:
            raise
        except Exception:
            log.exception("the changes of network %s cannot be brought", network)
            stream.done = stream.known
            stream.release()
            self._close_where(lambda socket: socket.holder.network_id == network, FELL_BEHIND)

    async def _rest(self, began: float) -> None:
        """Pause for as long as the sockets' turn took: in a burst, changes gather, and requests get their half.

        A few changes now and then, as of many meetings at once, need no pause: the time between them was one.
        """
        await asyncio.sleep(0)  # comes back when every socket that was given something has sent it
        self._owed = max(0.0, self._owed - (began - self._rested_at)) + self.loop.time() - began
        self._owed = min(self._owed, CREDIT + LONGEST_REST)
        if (pause := self._owed - CREDIT) > 0:
            await asyncio.sleep(pause)
            self._owed = CREDIT
        self._rested_at = self.loop.time()

    async def _bring_up(self, network: int, stream: Stream) -> None:
        wanted = {
            base: {region: set(viewers) for region, viewers in variants.items()}
            for base, variants in stream.regions.items()
        }
        batch = await self._in_database(self._pump_thread, render_batch, network, stream.done, wanted)
        self.renders += batch.renders
        stream.done = max(stream.done, batch.version)
        stream.known = max(stream.known, batch.version)
        if batch.too_far:
            self._close_where(lambda socket: socket.holder.network_id == network, FELL_BEHIND)
        if batch.access:
            self._close_where(lambda socket: self._loses_access(socket, network, batch.access), ACCESS_CHANGED)
        self._deliver(stream, batch)
        stream.release(stream.done)

    @staticmethod
    def _loses_access(socket: Socket, network: int, people: set[int]) -> bool:
        return socket.holder.network_id == network and socket.holder.person_id in people

    @staticmethod
    def _deliver(stream: Stream, batch: Batch) -> None:
        for (base, region, viewer), text in batch.texts.items():
            for socket in stream.regions.get(base, {}).get(region, {}).get(viewer, ()):
                socket.put(region, text)

    # -- sockets -----------------------------------------------------------------------------------------------------

    def enter(self, socket: Socket, version: int, seen_by: dict[str, str | None]) -> None:
        """Subscribe a socket to its regions; `version` is the log's newest when its rights were read."""
        self.leave(socket)
        stream = self.streams.setdefault(socket.holder.network_id, Stream(version, version))
        stream.sockets.add(socket)
        for region, audience in seen_by.items():
            if audience is not None:
                base, viewer = region.partition("~")[0], (audience, socket.language)
                stream.regions.setdefault(base, {}).setdefault(region, {}).setdefault(viewer, set()).add(socket)
                socket.places.append((base, region, viewer))
        if version > stream.known:
            self._hear({"network": socket.holder.network_id, "version": version})

    def leave(self, socket: Socket) -> None:
        stream = self.streams.get(socket.holder.network_id)
        if stream is None or socket not in stream.sockets:
            return
        stream.sockets.discard(socket)
        # Only where it is: in a network with a hundred meetings there are a thousand regions.
        places, socket.places = socket.places, []
        for base, region, viewer in places:
            variants = stream.regions[base]
            viewers = variants[region]
            viewers[viewer].discard(socket)
            if not viewers[viewer]:
                del viewers[viewer]
            if not viewers:
                del variants[region]
            if not variants:
                del stream.regions[base]
        if not stream.sockets:
            stream.release()
            del self.streams[socket.holder.network_id]

    def is_crowded(self, session_mark: str) -> bool:
        """Return whether a session has as many sockets as anybody could have pages open."""
        mine = sum(s.session_mark == session_mark for stream in self.streams.values() for s in stream.sockets)
        return mine >= SOCKETS_PER_SESSION

    def close(self, socket: Socket, code: int) -> None:
        self.leave(socket)
        socket.close(code)

    def _close_where(self, concerned: Callable[[Socket], bool], code: int) -> None:
        for stream in list(self.streams.values()):
            for socket in [socket for socket in stream.sockets if concerned(socket)]:
                self.close(socket, code)

    # -- machinery ---------------------------------------------------------------------------------------------------

    async def at_desk(self, work: Callable[..., Any], *args: Any) -> Any:
        """Run blocking database work beside the pump; returns what it returns."""
        return await self._in_database(self._desk_threads, work, *args)

    async def _in_database(self, threads: ThreadPoolExecutor, work: Callable[..., Any], *args: Any) -> Any:
        return await self.loop.run_in_executor(threads, _with_connection, work, args)

    def _start(self, coroutine: Awaitable[None]) -> None:
        task = asyncio.ensure_future(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _supervised(self, work: Callable[[], Awaitable[None]]) -> None:
        """Keep a task of the hub alive: the log remembers what it missed, so after a restart it simply goes on."""
        while True:
            try:
                await work()
            except (DatabaseError, *announce.UNREACHABLE) as error:
                log.warning("%s: %s; trying again", work.__name__, error)
            except Exception:  # whatever it was, a dead pump would leave every screen stale
                log.exception("%s failed; it is started again", work.__name__)
            await asyncio.sleep(0.5)
            self._wake.set()


def _with_connection(work: Callable[..., Any], args: Iterable[Any]) -> Any:
    close_old_connections()
    try:
        return work(*args)
    finally:
        close_old_connections()


_hub: Hub | None = None


def running_hub() -> Hub | None:
    """Return this process's hub, None where no server loop is running."""
    return _hub if _hub and not _hub.loop.is_closed() and _hub.loop.is_running() else None


def ensure_hub() -> Hub:
    """Return the hub of the running loop, started on first use."""
    global _hub
    if _hub is None or _hub.loop is not asyncio.get_running_loop():
        _hub = Hub()
        gc.freeze()  # what was loaded so far stays: looking through it stops every screen for a quarter of a second
    return _hub


def encode(kind: str, **content: Any) -> str:
    """Return a message for the browser as JSON text."""
    return json.dumps({"t": kind, **content}, ensure_ascii=False, separators=(",", ":"))


__all__ = ["Holder", "Hub", "encode", "ensure_hub", "running_hub"]

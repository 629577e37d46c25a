"""One open screen: its bounded outbox and how far the browser says it has come."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from .sweep import Holder

# So many messages a browser may leave unacknowledged (it acknowledges every 32) before it counts as asleep.
UNACKNOWLEDGED = 192
# A frame grows no further than this; servers cut a connection at about a million characters.
FRAME = 256_000
FELL_BEHIND = 4408

Send = Callable[[dict[str, Any]], Awaitable[None]]


class Socket:
    """A newer text of a region replaces the older one still waiting, so a slow screen gets less, never stale, news."""

    def __init__(self, holder: Holder, session_mark: str, language: str) -> None:
        self.holder = holder
        self.session_mark = session_mark
        self.language = language
        # Where the hub has put it: base region id, region id, (audience, language).
        self.places: list[tuple[str, str, tuple[str, str]]] = []
        self.sent = self.acknowledged = 0
        self._texts: dict[str, str] = {}
        self._closing: int | None = None
        self._something = asyncio.Event()

    @property
    def fell_behind(self) -> bool:
        return self.sent - self.acknowledged > UNACKNOWLEDGED

    def put(self, region: str, text: str) -> None:
        self._texts.pop(region, None)
        self._texts[region] = text
        self._something.set()

    def close(self, code: int) -> None:
        self._closing = code
        self._something.set()

    async def pump(self, send: Send) -> None:
        """Send what is put, in order, until closed. Each socket has a task of its own: none waits for another."""
        while True:
            await self._something.wait()
            self._something.clear()
            while self._texts and self._closing is None:
                waiting, self._texts = self._texts, {}
                for frame in frames(list(waiting.values())):
                    await send({"type": "websocket.send", "text": frame})
                self.sent += sum(not name.startswith("#") for name in waiting)
                if self.fell_behind:
                    self.close(FELL_BEHIND)
            if self._closing is not None:
                await send({"type": "websocket.close", "code": self._closing})
                return


def frames(texts: list[str]) -> Iterator[str]:
    """Yield what is sent at once: one message as it is, several as a JSON list (a frame costs more than text)."""
    together: list[str] = []
    for text in texts:
        if together and sum(map(len, together)) + len(text) > FRAME:
            yield _joined(together)
            together = []
        together.append(text)
    yield _joined(together)


def _joined(texts: list[str]) -> str:
    return texts[0] if len(texts) == 1 else f"[{','.join(texts)}]"

"""What happens by itself at its time: the end of a vote, a reminder, the last day of a decision.

Each app registers what it has to do in its `jobs.py`. One task per server process asks twice a minute;
`manage.py run_due` does the same once. Whatever is registered must be right when several processes do it at once: it
locks what it changes, looks again, and does nothing where it was done meanwhile.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import datetime

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import close_old_connections
from django.utils import timezone

log = logging.getLogger(__name__)

Job = Callable[[datetime], None]
_jobs: list[Job] = []
_task: asyncio.Task[None] | None = None


def register(job: Job) -> None:
    """Add what is to be done: `job(now)` does all that is due at that instant."""
    _jobs.append(job)


def run_due(now: datetime | None = None) -> None:
    """Do all that is due. One job that fails is logged and does not keep the others from running."""
    now = now or timezone.now()
    for job in _jobs:
        try:
            job(now)
        except Exception:  # an app's job may fail in any way; the next half minute tries again
            log.exception("%s failed", job.__qualname__)


def each(do: Callable[..., object], things: Iterable[object], *args: object) -> None:
    """Call `do(thing, *args)` for each of the things; one that fails is logged and keeps no other from its turn."""
    for thing in things:
        try:
            do(thing, *args)
        except Exception:  # whatever it is, the next beat tries again
            log.exception("%s failed for %s", do.__qualname__, thing)


def ensure_clock() -> None:
    """Start the clock of this process, once; it ends with the server's loop."""
    global _task
    if settings.CLOCK_SECONDS and (_task is None or _task.done()):
        _task = asyncio.get_running_loop().create_task(_tick())


async def _tick() -> None:
    while True:
        await sync_to_async(_beat, thread_sensitive=False)()
        await asyncio.sleep(settings.CLOCK_SECONDS)


def _beat() -> None:
    close_old_connections()
    try:
        run_due()
    finally:
        close_old_connections()

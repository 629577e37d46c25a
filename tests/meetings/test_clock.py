"""The clock: what is due is done by itself, whatever else fails; one task per server process."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.test import override_settings
from django.utils import timezone

from collab import clock
from meetings.models import Vote
from tests.meetings.test_circular import over, put


@pytest.fixture
def jobs(monkeypatch):
    """The clock's list of jobs, empty for this test."""
    found: list[clock.Job] = []
    monkeypatch.setattr(clock, "_jobs", found)
    return found


def test_one_that_fails_keeps_no_other_from_running(jobs, caplog):
    seen = []

    def breaks(now):
        raise ValueError("no")

    clock.register(breaks)
    clock.register(seen.append)
    now = timezone.now()
    clock.run_due(now)
    assert seen == [now]
    assert "breaks failed" in caplog.text


def test_of_many_things_one_that_fails_keeps_no_other_from_its_turn(caplog):
    seen = []

    def do(thing, day):
        if thing == 2:
            raise ValueError("no")
        seen.append((thing, day))

    clock.each(do, [1, 2, 3], "today")
    assert seen == [(1, "today"), (3, "today")]
    assert "failed for 2" in caplog.text


def test_the_command_does_what_is_due(cast):
    vote = over(put(cast))
    call_command("run_due")
    assert Vote.objects.get(pk=vote.pk).state == "closed"


def test_a_time_can_be_named(cast):
    vote = put(cast)
    clock.run_due(vote.ends_at - timedelta(seconds=1))
    assert Vote.objects.get().is_open
    clock.run_due(vote.ends_at)
    assert Vote.objects.get().state == "closed"


def test_a_process_has_one_clock_that_ticks_until_its_loop_ends(jobs, monkeypatch):
    seen = []
    monkeypatch.setattr(clock, "_task", None)
    clock.register(seen.append)

    async def serve() -> None:
        clock.ensure_clock()
        first = clock._task
        clock.ensure_clock()
        assert clock._task is first
        async with asyncio.timeout(20):
            while len(seen) < 3:
                await asyncio.sleep(0.005)

    with override_settings(CLOCK_SECONDS=0.01):
        asyncio.run(serve())
    assert clock._task is not None and clock._task.done()
    ticked = len(seen)
    with override_settings(CLOCK_SECONDS=0):
        asyncio.run(_ask())
    assert len(seen) == ticked


async def _ask() -> None:
    clock.ensure_clock()
    await asyncio.sleep(0)

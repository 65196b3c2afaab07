"""Stopping: softly, hard, and for whose sake."""

from __future__ import annotations

import asyncio
import threading

from ptx_bulk.applying import Stop
from ptx_bulk.errors import Outage
from ptx_bulk.model import Code


def test_the_first_reason_stays():
    """Whoever asks first names the reason; later ones change nothing."""
    stop = Stop()
    assert not stop.requested
    error = Outage("down")
    stop.request(Code.TIME_LIMIT, error)
    stop.request(Code.ACCESS_REFUSED, Outage("other"))
    stop.interrupt()
    assert (stop.code, stop.error, stop.hard) == (Code.TIME_LIMIT, error, False)


def test_the_first_interrupt_is_soft_and_the_second_hard():
    """Ctrl-C lets calls land; Ctrl-C again gives them up."""
    stop = Stop()
    stop.interrupt()
    assert (stop.code, stop.hard, stop.interrupts) == (Code.INTERRUPTED, False, 1)
    stop.interrupt()
    assert (stop.hard, stop.interrupts) == (True, 2)


def test_a_stop_from_elsewhere_wakes_sleepers_at_once():
    """A sleeper wakes when another thread asks to stop, and a stop made before the loop ran is not lost."""

    async def sleep(stop: Stop) -> None:
        stop.bind()
        threading.Timer(0.05, stop.request, (Code.INTERRUPTED,)).start()
        async with asyncio.timeout(10):
            await stop.sleep(1000)
            await stop.wait_soft()

    asyncio.run(sleep(Stop()))
    early = Stop()
    early.interrupt()
    asyncio.run(sleep(early))


def test_giving_up_is_not_the_users_doing():
    """A stop that turns hard by itself leaves the count of interrupts alone."""

    async def play() -> None:
        stop = Stop()
        stop.bind()
        stop.request(Code.TIME_LIMIT)
        stop.give_up()
        await stop.wait_hard()
        assert stop.interrupts == 0

    asyncio.run(play())


def test_each_wait_for_interrupts_hears_the_next_one():
    """Who waits beyond the first interrupt is woken by the second."""

    async def play() -> None:
        stop = Stop()
        stop.bind()
        stop.interrupt()
        await stop.wait_interrupts(beyond=0)
        second = asyncio.create_task(stop.wait_interrupts(beyond=1))
        await asyncio.sleep(0.01)
        assert not second.done()
        stop.interrupt()
        await asyncio.wait_for(second, 5)

    asyncio.run(play())

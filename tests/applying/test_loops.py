"""An event loop that ends when its work ends, whatever hangs below it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from ptx_bulk.applying.loops import run


@pytest.fixture
def hanging() -> Iterator[threading.Event]:
    """What a job waits for; it comes when the test is over, so that no thread is left behind."""
    over = threading.Event()
    yield over
    over.set()
    for thread in threading.enumerate():
        if thread.name.startswith("job"):
            thread.join(5)


def test_what_the_work_returns_comes_out():
    """The result of the work, and what its jobs in threads return or raise, comes to whoever asked."""

    def broken() -> None:
        raise LookupError("no such host")

    async def work() -> tuple[int, str]:
        loop = asyncio.get_running_loop()
        with pytest.raises(LookupError, match="no such host"):
            await loop.run_in_executor(None, broken)
        return await loop.run_in_executor(None, pow, 2, 5), "done"

    assert run(work()) == (32, "done")


def test_an_error_of_the_work_comes_out():
    """The loop ends with the error that the work ended with."""

    async def work() -> None:
        raise KeyError("fault")

    with pytest.raises(KeyError, match="fault"):
        run(work())


def test_an_interruption_as_the_work_ends_comes_out():
    """A stop in the very step in which the work ends is a stop: tasks that are left are cancelled in peace."""
    left: list[str] = []

    def interrupt() -> None:
        raise KeyboardInterrupt

    async def other() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0)
            left.append("in peace")

    async def work() -> None:
        task = asyncio.create_task(other())
        await asyncio.sleep(0)
        asyncio.get_running_loop().call_soon(interrupt)
        del task

    with pytest.raises(KeyboardInterrupt):
        run(work())
    assert left == ["in peace"]


def test_nobody_waits_for_a_job_that_hangs(hanging: threading.Event):
    """The loop ends while a name server still owes its answer, and the thread that waits for it holds no process."""
    waiting: list[threading.Thread] = []

    def look_up() -> None:
        threading.current_thread().name = "job that hangs"
        waiting.append(threading.current_thread())
        hanging.wait()

    async def work() -> str:
        asyncio.get_running_loop().run_in_executor(None, look_up)
        while not waiting:
            await asyncio.sleep(0.001)
        return "done"

    assert run(work()) == "done"
    assert waiting[0].is_alive()
    assert waiting[0].daemon


def test_many_jobs_that_hang_hinder_no_other(hanging: threading.Event):
    """Each job has a thread of its own: one more than any pool would have is done at once."""

    def hang() -> None:
        threading.current_thread().name = "job that hangs"
        hanging.wait()

    async def work() -> int:
        loop = asyncio.get_running_loop()
        for _n in range(40):
            loop.run_in_executor(None, hang)
        return await asyncio.wait_for(loop.run_in_executor(None, abs, -7), 60)

    assert run(work()) == 7

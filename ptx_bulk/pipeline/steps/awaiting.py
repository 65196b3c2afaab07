"""Running a coroutine to its end from plain code, inside a running event loop, too (a notebook, a web server)."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Coroutine
from concurrent.futures import Future, wait
from typing import Any, Generic, TypeVar

from ptx_bulk.applying import run

_Answer = TypeVar("_Answer")
_HEED_S = 0.5  # Windows heeds a Ctrl-C only between two waits


def awaited(coroutine: Coroutine[Any, Any, _Answer]) -> _Answer:
    """What the coroutine answers; the caller waits for it.

    A thread has one event loop at most. Where this one's is running already, another thread runs the coroutine in a
    loop of its own.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return run(coroutine)
    return _Elsewhere(coroutine).answer()


class _Elsewhere(Generic[_Answer]):
    """A coroutine in a thread of its own."""

    def __init__(self, coroutine: Coroutine[Any, Any, _Answer]) -> None:
        self._coroutine = coroutine
        self._answer: Future[_Answer] = Future()
        self._begun: Future[tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]]] = Future()
        context = contextvars.copy_context()
        self._thread = threading.Thread(target=context.run, args=(self._run,), name="ptx-bulk loop", daemon=True)

    def answer(self) -> _Answer:
        """Wait for it; who is interrupted meanwhile takes the coroutine along."""
        self._thread.start()
        try:
            while not self._answer.done():
                wait([self._answer], timeout=_HEED_S)
            return self._answer.result()
        finally:
            if not self._answer.done():
                loop, task = self._begun.result()
                loop.call_soon_threadsafe(task.cancel)
            self._thread.join()

    def _run(self) -> None:
        try:
            self._answer.set_result(run(self._main()))
        except BaseException as error:  # it is raised where somebody waits for it
            self._answer.set_exception(error)

    async def _main(self) -> _Answer:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - this is a coroutine
        self._begun.set_result((asyncio.get_running_loop(), task))
        return await self._coroutine

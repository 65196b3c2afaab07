"""Running an event loop that ends when its work ends, whatever hangs below it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

_T = TypeVar("_T")


def run(work: Coroutine[Any, Any, _T]) -> _T:
    """As `asyncio.run`, but nothing waits for a name server: neither the loop's end nor the process's."""

    async def with_daemons() -> _T:
        asyncio.get_running_loop().set_default_executor(_Daemons())
        return await work

    with asyncio.Runner() as runner:
        try:
            return runner.run(with_daemons())
        except KeyboardInterrupt:
            # Where it came as the work was done, the loop has still to be stopped for that; a stop that is left over
            # would end the loop once more, in the middle of the tasks that are being cancelled.
            loop = runner.get_loop()
            loop.call_soon(loop.stop)
            loop.run_forever()
            raise


class _Daemons(ThreadPoolExecutor):
    """A thread for each job, left behind when the loop ends.

    The loop uses them to look names up, which cannot be interrupted and may take minutes; the usual executor's
    threads are waited for at the end of the loop and again at the end of the process.
    """

    def submit(self, fn: Callable[..., _T], /, *args: Any, **kwargs: Any) -> Future[_T]:  # noqa: ANN401 - its signature
        """Start the job at once."""
        job: Future[_T] = Future()

        def work() -> None:
            if job.set_running_or_notify_cancel():
                try:
                    job.set_result(fn(*args, **kwargs))
                except BaseException as error:
                    job.set_exception(error)

        threading.Thread(target=work, daemon=True).start()
        return job

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Wait for nothing."""

"""Signals while a run works: from the journalled plan to the last report they are requests, never exceptions."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Protocol

_NAMES = ("SIGINT", "SIGTERM", "SIGBREAK", "SIGHUP")  # SIGBREAK is Windows', SIGHUP is everybody else's
_outer: ContextVar[contextlib.ExitStack | None] = ContextVar("_outer", default=None)


class Stoppable(Protocol):
    """What a stop is told to; asked again, it stops harder."""

    def interrupt(self) -> None:
        """The user, or a scheduler, asks to stop."""


_told: ContextVar[Callable[[Stoppable], None] | None] = ContextVar("_told", default=None)


@contextlib.contextmanager
def held(stop: Stoppable) -> Iterator[None]:
    """Inside, Ctrl-C and a polite kill stop the work softly, a second one hard.

    Only the main thread hears of signals: in another one, whoever asked for it by `handed` can stop the run. What
    handled the signals before does so again afterwards: at once, or at the end of `held_until_ended`.
    """
    if threading.current_thread() is not threading.main_thread():
        if tell := _told.get():
            tell(stop)
        yield
        return
    with contextlib.ExitStack() as own:
        for name in _NAMES:
            number = getattr(signal, name, None)
            before = signal.getsignal(number) if number is not None else None
            # What is ignored stays ignored: `nohup` asks that a closed terminal stops nothing. A handler that is
            # None was not made by Python and could not be put back.
            if number is not None and before is not None and before is not signal.SIG_IGN:
                (_outer.get() or own).callback(signal.signal, number, before)
                signal.signal(number, lambda _signal, _frame: stop.interrupt())
        yield


@contextlib.contextmanager
def held_until_ended() -> Iterator[None]:
    """Keep the signals of runs inside held until this ends, so that nothing cuts off the telling of their results."""
    with contextlib.ExitStack() as stack:
        token = _outer.set(stack)
        try:
            yield
        finally:
            _outer.reset(token)


@contextlib.contextmanager
def handed(take: Callable[[Stoppable], None]) -> Iterator[None]:
    """Have the stop of each run that this thread begins inside handed over, so that other threads can stop it."""
    token = _told.set(take)
    try:
        yield
    finally:
        _told.reset(token)

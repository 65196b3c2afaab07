"""Stop signals of the whole process: Ctrl-C, a polite kill and a closed terminal end a command by its regular road.

The command line switches this on (`heed`). The first signal becomes a KeyboardInterrupt, at a moment when that breaks
nothing; from then on, or once there is a result (`finish`), further ones change nothing until the process is gone.
What does not come to its end all the same is ended, so that nobody needs `kill -9`.

A program that uses the library keeps its own handlers: without `heed` everything here does nothing.
"""

from __future__ import annotations

import _thread
import atexit
import os
import signal
import sys
import time
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")  # SIGBREAK is Windows', SIGHUP is everybody else's
_PATIENCE_S = 20.0  # schedulers kill after 25 s and more
_LAST_WORD_S = 2.0
_AGAIN_S = 0.01
_EXIT_CODE = 130


def _say_nothing() -> None:
    """Nobody has a last word."""


class _Stops:
    """What is known of the process's stop signals; changed by its main thread alone."""

    def __init__(self) -> None:
        self.before: dict[int, Any] = {}  # handlers that were there, by signal; empty unless heeded
        self.hook: Callable[[Any], object] = sys.unraisablehook
        self.generation = 0  # tells a watcher whether it still watches the command that it was made for
        self.last_word: Callable[[], None] = _say_nothing
        self.reset()

    def reset(self) -> None:
        self.deferred = 1
        self.pending = False  # a stop came while they were deferred
        self.stopping = False  # the KeyboardInterrupt is under way
        self.finishing = False
        self.watched = False

    def handle(self, _number: int, _frame: FrameType | None) -> None:
        """The handler of every stop signal."""
        self.watch()
        if self.stopping or self.finishing:
            return
        if self.deferred:
            self.pending = True
            return
        self.stop()

    def stop(self) -> None:
        """Raise the KeyboardInterrupt: at once, or between two steps of the event loop that is running."""
        self.pending, self.stopping = False, True
        loop = _running_loop()
        if loop is None:
            raise KeyboardInterrupt
        loop.call_soon_threadsafe(_interrupt)

    def watch(self) -> None:
        """See to it that the process ends."""
        if not self.watched:
            self.watched = True
            # Not threading.Thread: its start takes locks that the code below this handler may hold.
            _thread.start_new_thread(_end_late, (self.generation,))


_stops = _Stops()


def heed() -> None:
    """Switch the handlers on; until `allow` is called, a stop is only remembered.

    What is ignored stays ignored: `nohup` asks that a closed terminal stops nothing.
    """
    if _thread.get_ident() != _main_thread():
        return
    _stops.reset()
    _stops.generation += 1
    known = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
    wanted = [number for number in known if signal.getsignal(number) not in (signal.SIG_IGN, _stops.handle)]
    _stops.before.update({number: signal.signal(number, _stops.handle) for number in wanted})
    if sys.unraisablehook is not _unraisable:
        _stops.hook, sys.unraisablehook = sys.unraisablehook, _unraisable
    atexit.unregister(_ignore)
    atexit.register(_ignore)


def allow() -> None:
    """From here on a stop raises KeyboardInterrupt; one that was remembered does so at once."""
    _stops.deferred = 0
    if _stops.pending and not _stops.finishing:
        _stops.stop()


def defer() -> None:
    """Until `allow` is called, a stop is only remembered."""
    _stops.deferred = 1


def finish() -> None:
    """From here on the command comes to its regular end: there is a result, and no stop takes it away."""
    _stops.finishing, _stops.pending = True, False


def again() -> None:
    """Heed stops once more, although the command has its result: something is done after it."""
    _stops.generation += 1  # what was asked before has been done
    _stops.finishing = _stops.stopping = _stops.watched = False
    allow()


def leave() -> None:
    """Give the process the handlers back that it had before `heed`."""
    finish()
    _stops.generation += 1
    for number, handler in _stops.before.items():
        signal.signal(number, signal.SIG_DFL if handler is None else handler)
    _stops.before.clear()
    sys.unraisablehook = _stops.hook
    atexit.unregister(_ignore)


def on_last_word(say: Callable[[], None]) -> Callable[[], None]:
    """Set what a command says that has to be ended because it does not end; returns what was set before."""
    before, _stops.last_word = _stops.last_word, say
    return before


class Undisturbed:
    """A context that a stop does not break into: one that comes is heeded at its end. May be nested."""

    def __enter__(self) -> None:
        """Begin; in other threads, which no signal reaches, nothing happens."""
        if _thread.get_ident() == _main_thread():
            _stops.deferred += 1

    def __exit__(
        self, _type: type[BaseException] | None, error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        """Heed a stop that came meanwhile."""
        if _thread.get_ident() != _main_thread():
            return
        _stops.deferred -= 1
        if _stops.pending and not _stops.deferred and not _stops.finishing:
            _stops.stop()


_doomed: dict[str, Callable[[], object]] = {}


def doom(path: str, remove: Callable[[], object]) -> None:
    """Have this temporary file or folder removed even when the process has to be ended."""
    _doomed[path] = remove


def spare(path: str) -> None:
    """It is gone, or has become something lasting."""
    _doomed.pop(path, None)


def _main_thread() -> int:
    threading = sys.modules.get("threading")  # where it was never imported there is but one thread
    return int(threading.main_thread().ident) if threading else _thread.get_ident()


def _running_loop() -> Any:  # noqa: ANN401 - asyncio is imported by who needs it
    asyncio = sys.modules.get("asyncio")
    try:
        return asyncio.get_running_loop() if asyncio else None
    except (RuntimeError, AttributeError):  # no loop, or asyncio is being imported
        return None


def _interrupt() -> None:
    raise KeyboardInterrupt


def _unraisable(told: Any) -> None:  # noqa: ANN401 - sys.UnraisableHookArgs is no type at run time
    """A stop that was swallowed (raised inside a finaliser, say) comes once more."""
    if _stops.stopping and not _stops.finishing and issubclass(told.exc_type, KeyboardInterrupt):
        _thread.start_new_thread(_come_again, (_stops.generation,))
    else:
        _stops.hook(told)


def _come_again(generation: int) -> None:
    time.sleep(_AGAIN_S)
    if generation == _stops.generation:
        _stops.stopping = False
        _thread.interrupt_main(next(iter(_stops.before), signal.SIGINT))


def _end_late(generation: int) -> None:
    """End a process that does not end although it was asked to."""
    time.sleep(_PATIENCE_S)
    if generation != _stops.generation:
        return
    said = _thread.allocate_lock()
    said.acquire()
    _thread.start_new_thread(_say_last_word, (said.release,))
    said.acquire(timeout=_LAST_WORD_S)  # a reader that takes nothing must not keep us
    for remove in list(_doomed.values()):
        try:
            remove()
        except Exception:  # noqa: S112 - nobody is left to be told; the next start removes it
            continue
    os._exit(_EXIT_CODE)


def _say_last_word(said: Callable[[], None]) -> None:
    try:
        _stops.last_word()
    finally:
        said()


def _ignore() -> None:
    # Python gives signals their default action back while it shuts down: one that came then would kill us silently.
    for number in _stops.before:
        signal.signal(number, signal.SIG_IGN)

"""All accounts to their ends: so many at once, questions together, stops passed on."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

import click

from ptx_bulk.cli.accounts.processes import AccountProcess, Event
from ptx_bulk.cli.accounts.watching import Watch
from ptx_bulk.i18n import _

_LOOK_S = 0.2
_PATIENCE_S = 30.0  # a process that was asked to stop ends by itself long before
_INTERRUPTED = 130
_STOPPED = 5


class Stops:
    """Stop signals that came; while somebody is asked, one ends the question."""

    def __init__(self) -> None:
        self.count = 0
        self.asking = False

    def interrupt(self) -> None:
        """The user, or a scheduler, asks to stop."""
        self.count += 1
        if self.asking:
            self.asking = False
            raise KeyboardInterrupt

    def await_answer(self) -> None:
        """From here on a stop ends the question, and one that came before is none too late."""
        self.asking = True
        if self.count:
            raise KeyboardInterrupt


@dataclass(frozen=True)
class Ended:
    """What became of one account.

    Attributes:
        name: its profile.
        address: where its API is.
        code: its exit code.
        value: its object of `--json`.
        error: the sentence that it ended with, '' for none.
        begun: whether its run had begun to send.
        text: what it printed.
    """

    name: str
    address: str
    code: int
    value: dict[str, Any]
    error: str
    begun: bool = False
    text: str = ""


class Work:
    """The processes of all accounts.

    Args:
        processes: those to be started, in the order of the accounts.
        events: where they tell what happens.
        at_once: how many may be at work.
        watch: shows what happens.
        ask: shows the plans of several accounts and says whether they are confirmed.
        nothing: the object of an account that tells none, by its run's name and exit code.
    """

    def __init__(
        self,
        processes: Sequence[AccountProcess],
        events: SimpleQueue[Event],
        at_once: int,
        watch: Watch,
        ask: Callable[[list[AccountProcess]], bool],
        nothing: Callable[[str, int], dict[str, Any]],
    ) -> None:
        self._todo, self._events = list(processes), events
        self._at_once, self._watch, self._ask, self._nothing = at_once, watch, ask, nothing
        self._running: dict[str, AccountProcess] = {}
        self._ended: dict[str, Ended] = {}
        self._passed_on, self._stopped_at = 0, 0.0
        self._order = [process.account.name for process in processes]

    def carry_out(self, stops: Stops) -> list[Ended]:
        """Work until each account has come to its end; in the accounts' order."""
        while self._todo or self._running:
            self._heed(stops)
            while self._todo and len(self._running) < self._at_once:
                self._start(self._todo.pop(0))
            if self._is_asked():
                self._answer(stops)
            try:
                event = self._events.get(timeout=_LOOK_S)
            except Empty:
                continue
            self._take(self._running[event.account], event)
        return [self._ended[name] for name in self._order]

    def _start(self, process: AccountProcess) -> None:
        self._running[process.account.name] = process
        self._watch.begun(process.account.name)
        process.start()

    def _heed(self, stops: Stops) -> None:
        """Pass stops on; begin nothing new; end what does not end."""
        if not stops.count:
            return
        self._stopped_at = self._stopped_at or time.monotonic()
        while self._passed_on < min(stops.count, 2):  # a second one gives up what is in the air
            self._passed_on += 1
            for process in self._running.values():
                process.order("stop")
        for process in self._todo:
            process.error = _("Interrupted; nothing was sent.")
            self._end(process, _INTERRUPTED)
        self._todo.clear()
        if stops.count > 2 or time.monotonic() > self._stopped_at + _PATIENCE_S:
            for process in self._running.values():
                process.kill()

    def _is_asked(self) -> bool:
        """Whether every account that could be at work waits for an answer: then they are asked about together."""
        return bool(self._running) and all(process.plan for process in self._running.values())

    def _answer(self, stops: Stops) -> None:
        asking = list(self._running.values())
        self._watch.rest()
        try:
            stops.await_answer()
            word = "yes" if self._ask(asking) else "no"
            stops.asking = False
        except (click.Abort, KeyboardInterrupt):
            stops.asking = False
            stops.count = max(stops.count, 1)
            word = ""
        for process in asking:
            process.plan = ()
            if word:
                process.order(word)

    def _take(self, process: AccountProcess, event: Event) -> None:
        name = event.account
        if event.kind == "said":
            self._watch.said(name, event.value)
        elif event.kind == "ended":
            del self._running[name]
            self._end(process, event.value)
        else:
            self._note(process, event.value)

    def _note(self, process: AccountProcess, news: dict[str, Any]) -> None:
        if "summary" in news:
            process.summary = news["summary"]
        if "error" in news:
            process.error = news["error"]
        if "plan" in news:
            process.plan = tuple(news["plan"])
        if "total" in news:
            process.done, process.total = news["done"], news["total"]
            self._watch.progress(process.account.name, process.done, process.total or 0)

    def _end(self, process: AccountProcess, code: int) -> None:
        account, error = process.account, process.error
        if code < 0 or (code and process.summary is None and not error):  # killed
            begun = process.total is not None
            error = error or _killed(code, begun=begun)
            code = _STOPPED if begun else 1
        value = {**(process.summary or self._nothing(process.channel.run_id, code)), "exit_code": code}
        value |= {"profile": account.name} | ({"error": error} if error and code else {})
        begun = process.total is not None
        self._ended[account.name] = Ended(account.name, account.address, code, value, error, begun, process.text)
        self._watch.ended(account.name, code, len(self._ended), len(self._order))


def _killed(code: int, *, begun: bool) -> str:
    if not begun:
        return _("The process of this account was ended from outside (code {code}); nothing was sent.").format(
            code=code
        )
    return _(
        "The process of this account was ended from outside (code {code}); everything that was sent is recorded."
    ).format(code=code)

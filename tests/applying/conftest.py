"""A journalled run without a file: changes go out, outcomes and witness come back."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ptx_bulk.applying import Attempts, Pacing, RetryPolicy, Stop, apply_changes
from ptx_bulk.journal import Journal, RunRecord, new_run_id
from ptx_bulk.model import Action, Change, ListKind, Outcome
from ptx_bulk.plan import iter_changes
from ptx_bulk.plan.planning import changes_frame
from ptx_bulk.remote import Client
from tests.faults import FaultyServer

QUICK = RetryPolicy(attempts=4, throttles=6, initial=0.005, maximum=0.02, longest_pause=2.0, outage_after=0.2)


def additions(n: int) -> pd.DataFrame:
    """A changes frame that adds so many numbers to STOP."""
    numbers = np.arange(33600000000, 33600000000 + n, dtype="int64")
    return changes_frame([(Action.ADD, ListKind.STOP, numbers, [(f"+{number}",) for number in numbers.tolist()])])


def removals(n: int, *, twice: bool = False) -> pd.DataFrame:
    """A changes frame that removes so many numbers from NPAI, each under one or two spellings."""
    numbers = np.arange(33600000000, 33600000000 + n, dtype="int64")
    spellings = [(f"+{m}", f"0{str(m)[2:]}") if twice else (f"+{m}",) for m in numbers.tolist()]
    return changes_frame([(Action.REMOVE, ListKind.NPAI, numbers, spellings)])


class Told:
    """Progress that remembers."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []

    def advance(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)


class Bench:
    """A state folder, and a way to send changes from it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.journal = Journal(home)
        self.run_id = ""
        self.told = Told()

    def begin(self, changes: pd.DataFrame) -> None:
        """Journal a run of these changes."""
        self.run_id = new_run_id()
        run = RunRecord(
            run_id=self.run_id,
            command="import",
            mode="import",
            account="a",
            base_url="",
            lists=tuple(ListKind),
            options={},
            started_at=0.0,
        )
        self.journal.begin(run, [], pd.DataFrame({"raw": ["x"]}), changes)

    def send(
        self,
        server: FaultyServer,
        changes: pd.DataFrame,
        *,
        policy: RetryPolicy = QUICK,
        concurrency: int = 8,
        max_rate: float | None = None,
        timeout: float = 1.0,
        stop: Stop | None = None,
        earlier: Mapping[int, Attempts] | None = None,
        during: Callable[[Stop], None] | None = None,
        base_url: str = "",
        source: Iterable[Change] | None = None,
    ) -> pd.DataFrame:
        """Send the changes to the server; the outcomes as the journal has them."""
        self.begin(changes)

        async def go() -> None:
            asked = stop or Stop()
            async with server, Client("sandbox", base_url=base_url or server.url, timeout=timeout) as client:
                with self.journal.writer(self.run_id) as writer:
                    if during:
                        _once_at_work(server, lambda: during(asked))
                    await apply_changes(
                        iter_changes(changes) if source is None else source,
                        client,
                        writer,
                        pacing=Pacing(concurrency=concurrency, max_rate=max_rate, policy=policy),
                        stop=asked,
                        progress=self.told,
                        earlier=earlier,
                    )

        asyncio.run(go())
        return self.journal.outcomes(self.run_id)


@pytest.fixture
def bench(tmp_path: Path) -> Iterable[Bench]:
    """A bench of its own."""
    made = Bench(tmp_path)
    yield made
    made.journal.close()


def one(changes: pd.DataFrame) -> Change:
    """The first change of a frame."""
    return next(itertools.islice(iter_changes(changes), 1))


def _once_at_work(server: FaultyServer, act: Callable[[], None]) -> None:
    """Act when the first change has reached the server, however long a busy machine takes for it."""
    if server.calls:
        act()
    else:
        asyncio.get_running_loop().call_later(0.02, _once_at_work, server, act)

"""Reading the lists with retries, and telling by them what became of changes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from ptx_bulk.applying.policy import RetryPolicy
from ptx_bulk.arguments import SECONDS
from ptx_bulk.errors import AccessRefused, RemoteError, WrongAddress
from ptx_bulk.model import Action, ListKind
from ptx_bulk.snapshot import Snapshot

if TYPE_CHECKING:
    from ptx_bulk.remote import Client

_FINAL = (AccessRefused, WrongAddress)  # what one reading meets, the next ones meet, too


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long a change may take to appear in the list, in seconds.

    How long it takes is documented nowhere; a list is read again only while something is missing.

    Attributes:
        seconds: from the first look on; 0 for one look.
        first, longest: pause before the second look, and the longest one; each pause is twice the one before.
    """

    seconds: float = 60.0
    first: float = 1.0
    longest: float = 10.0

    def __post_init__(self) -> None:
        """Refuse pauses that are none.

        Raises:
            ConfigurationError: it names the argument.
        """
        for name in ("seconds", "first", "longest"):
            SECONDS.check(name, getattr(self, name))


@dataclass(frozen=True, eq=False)
class Look:
    """What the lists showed at one moment.

    Attributes:
        held: for each change whether its list is as the change wanted it.
        lists: the lists, each as it was last read.
    """

    held: npt.NDArray[np.bool_]
    lists: dict[ListKind, Snapshot]

    @property
    def missing(self) -> int:
        """How many changes the lists don't show."""
        return int((~self.held).sum())


async def fetch(client: Client, kind: ListKind, policy: RetryPolicy) -> Snapshot:
    """Read a list, repeating what repeating can mend.

    Raises:
        RemoteError: it cannot be read.
    """
    # A whole list is asked for once, not a thousand times: fewer repeats tell the user sooner.
    few = replace(
        policy,
        attempts=min(policy.attempts, 6),
        throttles=min(policy.throttles, 10),
        initial=policy.initial * 2,
        longest_failing=min(policy.longest_failing, 60.0),
    )
    return await few.repeat(lambda: client.fetch(kind), asyncio.sleep, lambda: False)


def holds(changes: pd.DataFrame, snapshots: Mapping[ListKind, Snapshot]) -> npt.NDArray[np.bool_]:
    """For each row of a changes frame, whether the list is as the change wanted it."""
    number = changes["number"].to_numpy()
    adding = (changes["action"] == Action.ADD.value).to_numpy()
    there = np.zeros(len(changes), dtype=bool)
    for kind, snapshot in snapshots.items():
        mine = (changes["list"] == kind.value).to_numpy()
        there[mine] = snapshot.contains(number[mine])
    return np.equal(there, adding)


async def looks(
    client: Client, changes: pd.DataFrame, policy: RetryPolicy, patience: Patience
) -> AsyncGenerator[Look, None]:
    """Look at the lists of these changes until all hold or patience ends; yields after each look.

    Lists that show all their changes are not read again. A look after the first that fails is left out.

    Raises:
        RemoteError: the first look, or the last one, failed, so what is missing in the looks before proves nothing;
            or a look met what every other would meet.
    """
    kinds = [ListKind(name) for name in changes["list"].astype("str").unique()]
    lists: dict[ListKind, Snapshot] = {}
    until = time.monotonic() + patience.seconds
    pause = patience.first
    while True:
        began = time.monotonic()
        failure: RemoteError | None = None
        try:
            for kind in kinds:
                lists[kind] = await fetch(client, kind, policy)
        except RemoteError as error:
            if isinstance(error, _FINAL) or len(lists) < len(kinds):
                raise
            failure = error
        else:
            look = Look(holds(changes, lists), dict(lists))
            yield look
            if not look.missing:
                return
            wanting = changes["list"][~look.held].astype("str").unique()
            kinds = [kind for kind in kinds if kind.value in wanting]
        now = time.monotonic()
        if now >= until:
            break
        # A long list is not read all the time: as long as a look takes, so long is the pause.
        await asyncio.sleep(min(max(pause, now - began), until - now))
        pause = min(2 * pause, patience.longest)
    if failure is not None:
        raise failure

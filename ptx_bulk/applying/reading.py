"""Reading the lists with retries, and telling by them what became of changes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from ptx_bulk.applying.policy import RetryPolicy
from ptx_bulk.arguments import SECONDS, wrong
from ptx_bulk.errors import RemoteError
from ptx_bulk.i18n import _
from ptx_bulk.model import Action, ListKind
from ptx_bulk.snapshot import Snapshot

if TYPE_CHECKING:
    from ptx_bulk.remote import Client


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long a change may take to appear in the list: reads and the seconds before each of them.

    How long it takes is documented nowhere; a list is read again only while something is missing.
    """

    waits: tuple[float, ...] = (0.0, 1.0, 3.0, 8.0)

    def __post_init__(self) -> None:
        """Refuse waits that are none.

        Raises:
            ConfigurationError: it names the argument.
        """
        if not isinstance(self.waits, tuple) or not self.waits or not all(map(SECONDS.hold, self.waits)):
            raise wrong("waits", self.waits, _("a tuple of seconds, at least one"))


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


async def settle(
    client: Client, changes: pd.DataFrame, policy: RetryPolicy, patience: Patience
) -> tuple[npt.NDArray[np.bool_], dict[ListKind, Snapshot]]:
    """Read the lists of these changes until all hold or patience ends.

    Returns:
        For each change whether the list is as it wanted, and the lists as last read.

    Raises:
        RemoteError: a list could not be read a single time.
    """
    kinds = [ListKind(name) for name in changes["list"].astype("str").unique()]
    snapshots: dict[ListKind, Snapshot] = {}
    good = np.zeros(len(changes), dtype=bool)
    for wait in patience.waits:
        if wait:
            await asyncio.sleep(wait)
        for kind in kinds:
            try:
                snapshots[kind] = await fetch(client, kind, policy)
            except RemoteError:
                if kind not in snapshots:
                    raise
                # What was read before is still true of what it showed.
        good = holds(changes, snapshots)
        if good.all():
            break
        missing = changes["list"][~good].astype("str").unique()
        kinds = [kind for kind in kinds if kind.value in missing]
    return good, snapshots

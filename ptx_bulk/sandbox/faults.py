"""How the simulator misbehaves when told to: which calls fail, and how a connection is broken."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from enum import StrEnum

from starlette.types import Receive, Scope

from ptx_bulk.errors import ConfigurationError
from ptx_bulk.i18n import _

# A server that knows how to break the connection puts a function under this name in the scope's extensions.
DROP_EXTENSION = "ptx_bulk.drop"


class FaultKind(StrEnum):
    """A way in which a call can fail."""

    ERROR = "500"
    BAD_GATEWAY = "502"  # a proxy's HTML page
    THROTTLE = "429"  # with Retry-After
    RESET_BEFORE = "reset-before"  # the connection breaks before the change is made
    RESET_AFTER = "reset-after"  # the change is made, its answer is lost
    HANG = "hang"  # no answer, ever
    REFUSED_AS_LISTED = "refused-as-listed"  # an addition is said to be listed already, and the list never gets it
    KEPT = "kept"  # a removal is said to be of no entry, and the entry stays


# Faults that only calls of one method can have: the answer lies about the list.
LIES = {FaultKind.REFUSED_AS_LISTED: "POST", FaultKind.KEPT: "DELETE"}


class ConnectionDroppedError(Exception):
    """Stands for a broken connection where there is none to break: in process."""


class Faults:
    """Draws for each call whether and how it fails.

    Args:
        rates: share of the calls for each kind, 0 to 1; together at most 1.
        seed: makes the draws repeatable.

    Raises:
        ConfigurationError: a rate is not between 0 and 1, or they sum to more than 1.
    """

    def __init__(self, rates: Mapping[FaultKind, float], seed: int | None) -> None:
        if any(not 0 <= rate <= 1 for rate in rates.values()) or sum(rates.values()) > 1:
            raise ConfigurationError(_("Fault rates lie between 0 and 1 and sum to 1 at most; correct --fault."))
        self._rates = dict(rates)
        self._random = random.Random(seed)  # noqa: S311 - not for secrets

    def draw(self, method: str) -> FaultKind | None:
        """The fault of the next call, None for none."""
        if not self._rates:
            return None
        point = self._random.random()
        for kind, rate in self._rates.items():
            if point < rate:
                return kind if LIES.get(kind, method) == method else None
            point -= rate
        return None


class RateLimit:
    """At most `limit` calls in each second of the clock; None lets all pass."""

    def __init__(self, limit: int | None) -> None:
        if limit is not None and limit < 1:
            raise ConfigurationError(_("The rate limit must be 1 or more; correct --rate-limit."))
        self._limit = limit
        self._second = 0
        self._passed = 0

    def passes(self) -> bool:
        """Count a call; whether it may pass."""
        if self._limit is None:
            return True
        second = int(time.monotonic())
        if second != self._second:
            self._second, self._passed = second, 0
        self._passed += 1
        return self._passed <= self._limit


async def drop_connection(scope: Scope, receive: Receive) -> None:
    """Break the connection as a crashed server or a cut line would.

    Raises:
        ConnectionDroppedError: there is no connection to break.
    """
    drop = scope.get("extensions", {}).get(DROP_EXTENSION)
    if drop is None:
        raise ConnectionDroppedError
    drop()
    await hang(receive)


async def hang(receive: Receive) -> None:
    """Give no answer until the caller has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass

"""Work done ahead of its use: while one piece is written, threads make the next ones."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

_From = TypeVar("_From")
_To = TypeVar("_To")
_AHEAD = 2  # Arrow leaves the interpreter to others meanwhile; more would cost memory


def ahead(make: Callable[[_From], _To], items: Iterable[_From]) -> Iterator[_To]:
    """What `make` answers for each item, in their order; never more than a few answers are waiting."""
    waiting: deque[Future[_To]] = deque()
    with ThreadPoolExecutor(_AHEAD) as threads:
        for item in items:
            waiting.append(threads.submit(make, item))
            if len(waiting) > _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

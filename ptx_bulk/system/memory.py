"""Memory that is free but was not given back: Arrow and the C library keep it for the next who asks."""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from typing import Any

import pyarrow as pa


def give_back() -> None:
    """Give the system what is free; worth a call where many large columns were let go, and not in a loop."""
    pa.default_memory_pool().release_unused()
    if (library := _c_library()) is not None:
        library.malloc_trim(0)


@cache
def _c_library() -> Any:  # noqa: ANN401 - whatever the C library holds
    """The C library of this process where it can be asked (glibc), None elsewhere."""
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "malloc_trim") else None

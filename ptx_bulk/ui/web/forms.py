"""What the browser sends: forms of bounded length, and files that go to the disk as they come."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import parse_qsl

from starlette.requests import Request

from ptx_bulk.errors import ConfigurationError
from ptx_bulk.i18n import _, grouped

MOST_FORM = 4 << 20  # bytes; a page of rejects takes some ten thousand
MOST_FILE = 1 << 30
MIB = 1 << 20


class TooMuch(ConfigurationError):
    """The browser sends more than is taken."""


async def form(request: Request) -> dict[str, list[str]]:
    """The values of a form by name.

    Raises:
        TooMuch: it is longer than any of ours.
    """
    _check(_announced(request), MOST_FORM)
    body = b""
    async for part in request.stream():
        body += part
        _check(len(body), MOST_FORM)
    values: dict[str, list[str]] = {}
    for name, value in parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=20_000):
        values.setdefault(name, []).append(value)
    return values


def one(values: dict[str, list[str]], name: str, default: str = "") -> str:
    """The first value of that name."""
    return values.get(name, [default])[0]


async def store(request: Request, path: Path) -> None:
    """Write the body to a new file that only this user can read.

    Raises:
        TooMuch: it is longer than what is taken; nothing is left of it.
        OSError: it cannot be written.
    """
    _check(_announced(request), MOST_FILE)
    size = 0
    try:
        with open(path, "xb", opener=_private) as file:
            async for part in request.stream():
                size += len(part)
                _check(size, MOST_FILE)
                file.write(part)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _announced(request: Request) -> int:
    """How many bytes the browser says will come, 0 where it does not say."""
    said = request.headers.get("content-length", "")
    return int(said) if said.isascii() and said.isdigit() else 0


def _check(size: int, most: int) -> None:
    if size > most:
        raise TooMuch(
            _("That is longer than the {size} MB that the page takes; use the command line for it.").format(
                size=grouped(most // MIB)
            )
        )


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)

"""Who gives a command, and on which machine: what the journal notes of every run."""

from __future__ import annotations

import getpass
import socket
from collections.abc import Callable

from ptx_bulk.settings.loading import Settings
from ptx_bulk.visible import visible

_LONGEST = 200  # characters; a name, perhaps with an address of a ticket


def actor_and_host(settings: Settings) -> tuple[str, str]:
    """The person that `PTX_ACTOR` names, else the login name; and the machine's name.

    Each is one line of at most 200 characters, '' where the system has none: as in a container without users.
    """
    return _told(lambda: settings.actor or getpass.getuser()), _told(socket.gethostname)


def _told(ask: Callable[[], str]) -> str:
    try:
        text = " ".join(ask().split())
    except (OSError, KeyError, ImportError, UnicodeError):  # what the systems say where there is no such name
        return ""
    shown = visible(text)
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"

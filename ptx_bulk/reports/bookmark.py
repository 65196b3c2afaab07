"""The file that remembers how far a feed has come: the name of the run whose reading it ended with."""

from __future__ import annotations

import re
from pathlib import Path

from ptx_bulk.errors import ConfigurationError
from ptx_bulk.i18n import _
from ptx_bulk.reports import new_files

_LONGEST = 200
_RUN = re.compile(r"[0-9a-z-]+")


def read_bookmark(path: Path) -> str | None:
    """The run that the last feed ended with, None where there was none yet.

    Raises:
        ConfigurationError: the file cannot be read, or names no run.
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(_LONGEST + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigurationError(
            _("{path} cannot be read ({reason}); name another file with --bookmark.").format(
                path=path, reason=error.strerror
            )
        ) from error
    name = content.decode("ascii", "replace").strip()
    if len(content) > _LONGEST or not _RUN.fullmatch(name):
        raise ConfigurationError(
            _(
                "{path} holds no name of a run; name the file that an earlier --bookmark made, or one that is new."
            ).format(path=path)
        )
    return name


def set_bookmark(path: Path, run_id: str) -> None:
    """Remember that run, in one step.

    Raises:
        ReportError: the file cannot be written; the old one stands.
    """
    with new_files.replaced_file(path) as stream:
        stream.write(f"{run_id}\n".encode())

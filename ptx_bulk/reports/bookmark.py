"""The file that remembers how far a feed has come: the name of the run whose reading it ended with."""

from __future__ import annotations

import re
from pathlib import Path

from ptx_bulk.errors import ConfigurationError
from ptx_bulk.i18n import _
from ptx_bulk.reports import new_files

_LONGEST = 200
# Those of earlier versions hold the name alone.
_HELD = re.compile(r"(?P<run>[0-9a-z-]+)(\s+(?P<lists>stop|npai|both))?")


def read_bookmark(path: Path, lists: str) -> str | None:
    """The run that the last feed ended with, None where there was none yet.

    Args:
        path: the file.
        lists: which lists the feed is of: `stop`, `npai` or `both`.

    Raises:
        ConfigurationError: the file cannot be read, names no run, or is of a feed of other lists, whose next one would
            pass over what came to them in between.
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
    held = _HELD.fullmatch(content.decode("ascii", "replace").strip())
    if len(content) > _LONGEST or held is None:
        raise ConfigurationError(
            _(
                "{path} holds no name of a run; name the file that an earlier --bookmark made, or one that is new."
            ).format(path=path)
        )
    if held["lists"] not in (None, lists):
        raise ConfigurationError(
            _(
                "{path} is the bookmark of a feed with --list {theirs}, and this one is with --list {mine}; give each "
                "feed a bookmark of its own."
            ).format(path=path, theirs=held["lists"], mine=lists)
        )
    return held["run"]


def set_bookmark(path: Path, run_id: str, lists: str) -> None:
    """Remember that run and the lists of the feed, in one step.

    Raises:
        ReportError: the file cannot be written; the old one stands.
    """
    with new_files.replaced_file(path) as stream:
        stream.write(f"{run_id} {lists}\n".encode())

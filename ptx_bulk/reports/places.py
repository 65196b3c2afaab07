"""Whether files can be written where they are to go, found out before anything else is done."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import tempfile
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from ptx_bulk.errors import PlaceRefused
from ptx_bulk.i18n import N_, _
from ptx_bulk.reports.new_files import sentence_for

_PROBE = ".ptx-"
_RESERVED = frozenset(
    {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"}
    | {f"{name}{n}" for name in ("COM", "LPT") for n in "123456789¹²³"}
)
_TAKEN = N_("{path} is there already and is not overwritten; give another name.")
_TWICE = N_("{path} names the same file as {other}; give each its own name.")
_INPUT = N_("{path} is one of the files that are read and is not overwritten; give another name.")
_NO_FILE = N_("{path} is a device or a pipe and no file that could be replaced; choose another name.")
_NOT_A_NAME = N_("{path} is not a name that a file can have here; choose another one.")


def check_places(paths: Iterable[Path], *, inputs: Iterable[str] = (), replace: bool = False) -> None:
    """Refuse places where a file could not be written later; nothing is left behind.

    Each folder is tried with a real file of that length of name: rights, shares and file systems tell the truth no
    other way. Two spellings of one file are known by their folder and by what its file system takes for equal.

    Args:
        paths: the files to be written.
        inputs: files that are read and must not be written over; `-` is none.
        replace: whether a file that is there already may be written over.

    Raises:
        PlaceRefused: a name is taken, given twice, an input's, too long or not valid, or its folder is missing or
            cannot be written to.
    """
    seen: dict[tuple[object, ...], Path] = {}
    read = {_identity(Path(name)) for name in inputs if name != "-"} - {None}
    for path in paths:
        _check_name(path)
        if _identity(path) in read:
            raise _refused(_INPUT, path)
        mode = _mode(path)
        if replace and stat.S_ISDIR(mode):
            raise PlaceRefused(sentence_for(path, IsADirectoryError(errno.EISDIR, "")))
        if not replace and os.path.lexists(path):
            raise _refused(_TAKEN, path)
        if mode and not stat.S_ISREG(mode):  # `/dev/null` put out of the way would be missed by everybody
            raise _refused(_NO_FILE, path)
        folds = try_folder(path.absolute().parent, like=path.name, shown=path)
        key = (_identity(path.absolute().parent), _folded(path.name, folds=folds))
        if key in seen:
            raise PlaceRefused(_(_TWICE).format(path=path, other=seen[key]))
        seen[key] = path


def try_folder(folder: Path, *, like: str = "", shown: Path | None = None) -> bool:
    """Write a file in the folder and remove it; tells whether its file system takes `a` and `A` for the same name.

    Args:
        folder: the folder.
        like: a name whose length and last characters the file gets.
        shown: what an error names, the folder itself by default.

    Raises:
        PlaceRefused: it cannot be written.
    """
    try:
        descriptor, name = tempfile.mkstemp(prefix=_PROBE, suffix=_tail(like), dir=folder)
        os.close(descriptor)
    except (OSError, ValueError) as error:
        if shown is None and isinstance(error, OSError) and error.errno != errno.ENOSPC:
            raise PlaceRefused(
                _("Reports cannot be written to the folder {folder}; name another place with --report.").format(
                    folder=folder
                )
            ) from error
        raise PlaceRefused(sentence_for(shown or folder, error)) from error
    probe = Path(name)
    try:
        return os.path.lexists(probe.with_name(_PROBE.upper() + probe.name.removeprefix(_PROBE)))
    finally:
        with contextlib.suppress(OSError):
            probe.unlink()


def valid_on_windows(name: str) -> bool:
    """Whether Windows takes the name for a file's: no device, no stream, nothing that it cuts off in silence."""
    base = name.split(".", maxsplit=1)[0].rstrip(" ").upper()
    forbidden = any(character in '<>:"/\\|?*' or ord(character) < 32 for character in name)
    return not (forbidden or name.endswith((".", " ")) or base in _RESERVED)


def _check_name(path: Path) -> None:
    if "\0" in str(path) or not path.name or (os.name == "nt" and not valid_on_windows(path.name)):
        raise _refused(_NOT_A_NAME, path)


def _tail(name: str) -> str:
    """What makes the name of a probe as long as `name`, its last characters among it."""
    taken = len(_PROBE) + 8  # `mkstemp` puts eight characters of its own between
    if os.name == "nt":
        return name[taken:]
    content = os.fsencode(name)[taken:]
    whole = content.decode(errors="ignore")  # without what is left of a character that was cut in two
    return "_" * (len(content) - len(whole.encode())) + whole


def _mode(path: Path) -> int:
    """What stands there, 0 for nothing; a name that cannot be is said when the folder is tried."""
    try:
        return path.stat().st_mode
    except (OSError, ValueError):
        return 0


def _identity(path: Path) -> tuple[object, ...] | None:
    """What a file or folder is known by, whatever it is called; None where there is none."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    # Some network shares number no files.
    return (found.st_dev, found.st_ino) if found.st_ino else (os.path.normcase(path.resolve()),)


def _folded(name: str, *, folds: bool) -> str:
    composed = unicodedata.normalize("NFC", name)
    return composed.casefold() if folds else composed


def _refused(sentence: str, path: Path) -> PlaceRefused:
    return PlaceRefused(_(sentence).format(path=path))

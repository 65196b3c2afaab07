"""Reports that are surely ours: byte for byte what was written, where it was written."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path


def digests(paths: Iterable[str | Path]) -> dict[str, str]:
    """The SHA-256 of each file by its whole path; files that cannot be read are left out."""
    found: dict[str, str] = {}
    for path in paths:
        with contextlib.suppress(OSError, ValueError):
            whole = Path(path).absolute()
            found[str(whole)] = _digest(whole)
    return found


def delete_unchanged(written: Mapping[str, str], *, dry_run: bool = False) -> list[str]:
    """Delete the files that still are what was written; whatever was changed, moved or linked stays.

    Args:
        written: by whole path, the SHA-256 of what was written.
        dry_run: only tell.

    Returns:
        The paths that were deleted, or would be.
    """
    return [path for path, digest in written.items() if _delete(Path(path), digest, dry_run=dry_run)]


def _delete(path: Path, digest: str, *, dry_run: bool) -> bool:
    try:
        if not path.is_absolute() or _digest(path) != digest:
            return False
        if not dry_run:
            path.unlink()
    except (OSError, ValueError):
        return False
    return True


def _digest(path: Path) -> str:
    # A link, a pipe or a device that took the name is not followed or waited for.
    descriptor = os.open(
        path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    )
    with os.fdopen(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode) or path.is_symlink():
            raise OSError(path)
        return hashlib.file_digest(stream, "sha256").hexdigest()

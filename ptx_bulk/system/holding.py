"""Locks on open files: they tell a temporary file in use from one that a crashed process left.

The system frees such a lock when the file is closed or the process ends, however it ends.
"""

from __future__ import annotations

import errno
import os
import sys

_TAKEN = frozenset({errno.EACCES, errno.EAGAIN, errno.EDEADLK, getattr(errno, "EDEADLOCK", errno.EDEADLK)})


def hold(descriptor: int) -> bool:
    """Lock an open file unless another process has locked it; whether it is ours now.

    Raises:
        OSError: the file system has no locks.
    """
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415 - exists on Windows alone

            os.lseek(descriptor, 0, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415 - does not exist on Windows

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _TAKEN:
            return False
        raise
    return True


def is_mine(status: os.stat_result) -> bool:
    """Whether a file or folder is this user's; on Windows the folder for temporary files is."""
    return sys.platform == "win32" or status.st_uid == os.getuid()

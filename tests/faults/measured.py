"""The command line in this process; its peak of memory in bytes is written to the file named first."""

from __future__ import annotations

import re
import sys
from pathlib import Path


def peak() -> int:
    """Most memory this process ever had, in bytes."""
    status = Path("/proc/self/status")
    if status.exists():  # `ru_maxrss` counts the parent's memory, too, where a process is spawned without a copy
        found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text())
        return int(found[1]) << 10 if found else 0
    if sys.platform == "win32":
        import psutil

        return psutil.Process().memory_info().peak_wset
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def main() -> None:
    """Run the command line with the arguments after the first."""
    from ptx_bulk.cli import main as command_line

    try:
        command_line(sys.argv[2:])
    finally:
        Path(sys.argv[1]).write_text(str(peak()))


if __name__ == "__main__":
    main()

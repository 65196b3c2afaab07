"""What became of the last run of each command, as OpenMetrics text that a node exporter collects.

Gauges only and no timestamps: the file is valid as OpenMetrics and as the older Prometheus text, too. The file holds no
number, so others may read it.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import filelock

from ptx_bulk.model import Status
from ptx_bulk.reports.new_files import replaced_file
from ptx_bulk.visible import storable

_PREFIX = "ptx_bulk_last_"
_FAMILIES = {
    "run_timestamp_seconds": "When the last run ended, whatever came of it.",
    "completed_timestamp_seconds": "When a run last came to its end: nothing stopped or refused it.",
    "run_duration_seconds": "How long the last run took.",
    "run_exit_code": "The exit code of the last run.",
    "run_lines": "Lines of the last run by their status.",
    "run_list_numbers": "Numbers on the lists that the last run was for, as far as it knew.",
}
_SAMPLE = re.compile(
    rf'{_PREFIX}(?P<family>\w+)\{{(?P<labels>(?:[a-z_]+="(?:[^"\\\n]|\\.)*",?)+)\}} (?P<value>[0-9.e+-]+)'
)
_COMPLETED = frozenset({0, 4, 9, 10})
_READABLE = 0o644
_WAIT_S = 5.0


@dataclass(frozen=True, kw_only=True)
class LastRun:
    """What is told of a run.

    Attributes:
        profile: the account's profile, '' for none.
        command: the command's name.
        ended: Unix time in seconds.
        seconds: how long it took.
        counts: lines by status.
        lists: which lists it was for, as the summary names them.
        numbers: how many numbers these hold, None where it is not known.
    """

    profile: str
    command: str
    ended: float
    seconds: float
    exit_code: int
    counts: Mapping[str, int] = field(default_factory=dict)
    lists: str = ""
    numbers: int | None = None


def write_metrics(path: Path, run: LastRun) -> None:
    """Put the run's figures into the file, in one step; those of other profiles and commands stay as they are.

    Raises:
        ReportError: the file cannot be written.
    """
    with _alone(path):
        samples = _kept(path, _labels(run)) | dict(_samples(run))
        with replaced_file(path) as stream:
            stream.write(_text(samples).encode())
            if os.name == "posix":
                os.fchmod(stream.fileno(), _READABLE)


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """While no other run adds its figures; who cannot lock does without."""
    lock = filelock.FileLock(path.with_name(f".{path.name}.lock"), timeout=_WAIT_S)
    with contextlib.ExitStack() as held:
        with contextlib.suppress(OSError, NotImplementedError, filelock.Timeout):
            held.enter_context(lock)
        yield


def _samples(run: LastRun) -> Iterator[tuple[tuple[str, str], str]]:
    labels = _labels(run)
    yield ("run_timestamp_seconds", labels), f"{run.ended:.3f}"
    if run.exit_code in _COMPLETED:
        yield ("completed_timestamp_seconds", labels), f"{run.ended:.3f}"
    yield ("run_duration_seconds", labels), f"{run.seconds:.3f}"
    yield ("run_exit_code", labels), str(run.exit_code)
    for status in Status:  # all of them: a series that vanishes is no 0
        yield ("run_lines", f'{labels},status="{status.value}"'), str(run.counts.get(status.value, 0))
    if run.numbers is not None:
        yield ("run_list_numbers", f'{labels},list="{_escaped(run.lists)}"'), str(run.numbers)


def _kept(path: Path, mine: str) -> dict[tuple[str, str], str]:
    """What stays of the file: others' samples, and when this command last came to its end."""
    try:
        # Not by `splitlines`, nor read as text: a name may hold what these take for the end of a line.
        lines = [line.removesuffix("\r") for line in path.read_bytes().decode().split("\n")]
    except (OSError, ValueError):
        return {}
    found: dict[tuple[str, str], str] = {}
    for match in filter(None, map(_SAMPLE.fullmatch, lines)):
        own = f"{match['labels']},".startswith(f"{mine},")
        if match["family"] in _FAMILIES and (not own or match["family"] == "completed_timestamp_seconds"):
            found[match["family"], match["labels"]] = match["value"]
    return found


def _text(samples: Mapping[tuple[str, str], str]) -> str:
    lines: list[str] = []
    for family, meaning in _FAMILIES.items():
        name = _PREFIX + family
        mine = sorted((labels, value) for (of, labels), value in samples.items() if of == family)
        lines += [f"# TYPE {name} gauge", f"# HELP {name} {meaning}"] if mine else []
        lines += [f"{name}{{{labels}}} {value}" for labels, value in mine]
    return "\n".join([*lines, "# EOF", ""])


def _labels(run: LastRun) -> str:
    return f'profile="{_escaped(run.profile)}",command="{_escaped(run.command)}"'


def _escaped(text: str) -> str:
    return storable(text).replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")

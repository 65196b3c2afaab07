"""Runs one target for some seconds, counts inputs, and saves what it finds.

    python -m tests.fuzz.run TARGET SECONDS [--first N] [--finds FOLDER]

A find is a traceback, exit 1, ten seconds of work for one input, 1 GB of memory, or a death of the process.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.commands import ROOT
from tests.fuzz.worker import INPUT

NAMES = (
    *(
        "csv",
        "xlsx",
        "xlsb",
        "ods",
        "fods",
        "xml2003",
        "xls",
        "html",
        "vcard",
        "workbook",
        "scrub",
        "scrubtext",
        "lists",
        "sending",
    ),
    *("answers", "journal", "plan", "reading", "job", "commands", "page", "config", "bookmark"),
)
_WORK_S = 10.0  # of the processor: a busy machine makes nobody hang
_WAIT_S = 60.0
_MEMORY = 1 << 30


@dataclass
class Told:
    """What came of it: inputs tried, and each find with its number and words."""

    inputs: int = 0
    last: int = -1
    end: float = float("inf")
    finds: list[tuple[int, str]] = field(default_factory=list)


def fuzz(name: str, seconds: float, *, first: int = 0, finds: Path | None = None) -> Told:
    """Try inputs of the target for so long, from the first of them on."""
    told = Told(last=first - 1)
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        while time.monotonic() < told.end and len(told.finds) < 50:
            _watch(name, Path(folder), seconds, told, finds)
            if not told.inputs:
                break  # it cannot even begin
    return told


def _watch(name: str, folder: Path, seconds: float, told: Told, finds: Path | None) -> None:
    """Start a worker and watch it to the end of the time, or to its own."""
    worker = _started(name, folder, told.last + 1)
    lines: queue.Queue[str] = queue.Queue()
    threading.Thread(target=_heard, args=(worker, lines), daemon=True).start()
    watched, since, work = psutil.Process(worker.pid), time.monotonic(), 0.0
    try:
        while time.monotonic() < told.end:
            try:
                line = json.loads(lines.get(timeout=0.2))
            except queue.Empty:
                wrong = _too_much(watched, since, work, begun=told.inputs > 0)
                if wrong or worker.poll() is not None:
                    _found(told, wrong or f"died with {worker.returncode}: {_last_words(folder)}", folder, finds, name)
                    return
                continue
            if "wrong" in line:
                _found(told, line["wrong"], folder, finds, name, line["n"])
            else:
                told.end = min(told.end, time.monotonic() + seconds)
                told.inputs, told.last = told.inputs + 1, line["n"]
                since, work = time.monotonic(), _work(watched)
    finally:
        worker.kill()
        worker.wait()


def _started(name: str, folder: Path, first: int) -> subprocess.Popen[str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PTX_", "PRIMOTEXTO_"))}
    ours = {"PTX_HOME": str(folder / "home"), "PTX_CONFIG": str(folder / "config.toml"), "PTX_LANG": "en"}
    quiet = {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring", "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
    command = [sys.executable, "-m", "tests.fuzz.worker", name, str(folder), str(first)]
    return subprocess.Popen(
        command, cwd=ROOT, env={**kept, **ours, **quiet}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    )


def _heard(worker: subprocess.Popen[str], lines: queue.Queue[str]) -> None:
    assert worker.stdout is not None
    for line in worker.stdout:
        lines.put(line)


def _work(watched: psutil.Process) -> float:
    try:
        return sum(watched.cpu_times()[:4])
    except psutil.Error:
        return 0.0


def _too_much(watched: psutil.Process, since: float, work: float, *, begun: bool) -> str:
    try:
        memory = sum(one.memory_info().rss for one in (watched, *watched.children(recursive=True)))
    except psutil.Error:
        return ""
    if memory > _MEMORY:
        return f"more than 1 GB of memory: {memory >> 20} MB"
    if begun and (_work(watched) - work > _WORK_S or time.monotonic() - since > _WAIT_S):
        return f"more than {_WORK_S:g} s of work, or {_WAIT_S:g} s of waiting"
    return ""


def _last_words(folder: Path) -> str:
    try:
        return (folder / "stderr.txt").read_text(encoding="utf-8", errors="replace")[-2000:]
    except OSError:
        return ""


def _found(told: Told, wrong: str, folder: Path, finds: Path | None, name: str, number: int | None = None) -> None:
    number = told.last if number is None else number
    told.finds.append((number, wrong))
    source = next((path for path in (folder / f"{number}.find", folder / INPUT) if path.exists()), None)
    if finds is not None and source is not None:
        finds.mkdir(parents=True, exist_ok=True)
        (finds / f"{name}-{number}.bin").write_bytes(source.read_bytes())
        (finds / f"{name}-{number}.txt").write_text(wrong, encoding="utf-8", errors="backslashreplace")


def main() -> int:
    """The command line; 1 when something was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.run", description=__doc__.splitlines()[0])
    parser.add_argument("target", choices=NAMES)
    parser.add_argument("seconds", type=float)
    parser.add_argument("--first", type=int, default=0, help="the number of the first input")
    parser.add_argument("--finds", type=Path, help="where to save what is found")
    asked = parser.parse_args()
    told = fuzz(asked.target, asked.seconds, first=asked.first, finds=asked.finds)
    print(f"{asked.target}: {told.inputs} inputs, up to number {told.last}, {len(told.finds)} finds")
    for number, wrong in told.finds:
        print(f"-- {number}: {wrong.strip()[-1500:]}")
    return 1 if told.finds else 0


if __name__ == "__main__":
    sys.exit(main())

"""A long import through good and bad weather, by the real command line over real HTTP, and whether it was exact.

    python -m tests.endurance.soak --minutes 30 --numbers 500000 --folder FOLDER

Writes `soak.csv` (a line a second) and `soak.svg` into the folder, and says what was found wrong.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from tests.conftest import ROOT
from tests.endurance import figures, plot
from tests.endurance.client import Command, Scheduler
from tests.endurance.weather import Forecast

LEAST_RATE, MOST_REFUSED = 0.90, 0.05
MOST_MB_GROWN, MOST_SHARE_GROWN, MOST_HANDLES_GROWN = 20.0, 0.05, 4.0
_BEFORE = 0.02  # of the numbers are on the list already, and as many others that nobody asks for
_FIRST = 600_000_000


@dataclass(frozen=True)
class Soaked:
    """What came of a soak: a row a second, the commands, how exact it was (a sentence for each fault)."""

    rows: pd.DataFrame
    commands: list[Command]
    faults: list[str]


def soak(folder: Path, numbers: int, forecast: Forecast, say=print) -> Soaked:
    """Import so many numbers in this weather; everything is written into the folder."""
    asked, before = prepare(folder, numbers)
    with serving(folder, forecast) as (port, began):
        scheduler = Scheduler(folder, f"http://127.0.0.1:{port}", began, pause=min(10.0, forecast.at(0).seconds / 20))
        last = scheduler.go("import", "numbers.csv", say=say)
    rows = figures.timeline(folder, scheduler.samples, scheduler.commands, forecast)
    rows.to_csv(folder / "soak.csv", index=False)
    (folder / "soak.svg").write_text(plot.drawn(rows), encoding="utf-8")
    faults = [*inexact(folder, asked, before, last), *left_over(folder), *unsteady(rows)]
    return Soaked(rows, scheduler.commands, faults)


def prepare(folder: Path, numbers: int) -> tuple[set[str], set[str]]:
    """Write the input and what is listed beforehand; both as numbers."""
    rng = random.Random(numbers)
    asked = [f"+33{_FIRST + at}" for at in range(numbers)]
    known = int(numbers * _BEFORE)
    before = [*asked[:known], *(f"+33{_FIRST + numbers + at}" for at in range(known))]
    rng.shuffle(asked)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "numbers.csv").write_text("Mobile\n" + "".join(f"0{number[3:]}\n" for number in asked), encoding="utf-8")
    (folder / "listed.json").write_text(json.dumps(before))
    return set(asked), set(before)


@contextlib.contextmanager
def serving(folder: Path, forecast: Forecast) -> Iterator[tuple[int, float]]:
    """The server's port, and when its weather began."""
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.endurance.server", forecast.text, str(folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    try:
        port, began = server.stdout.readline().split()
        yield int(port), float(began)
    finally:
        server.communicate(timeout=60)


def inexact(folder: Path, asked: set[str], before: set[str], last: Command) -> Iterator[str]:
    """What is wrong with the list, and with what was told of it."""
    end = json.loads((folder / "end.json").read_text())
    listed = set(end["listed"])
    if missing := asked - listed:
        yield f"{len(missing)} numbers are not on the list"
    if strange := listed - asked - before:
        yield f"{len(strange)} numbers are on the list that nobody asked for"
    if lost := before - listed:
        yield f"{len(lost)} numbers were removed"
    if end["unasked"]:
        yield f"calls that no import makes: {end['unasked'][:3]}"
    counts = {"applied": len(asked - before), "unchanged": len(asked & before)}
    if last.code != 0 or last.told.get("counts") != counts:
        yield f"the last command ended with {last.code} and {last.told.get('counts')}, not {counts}"
    elif last.told["verified"] != {"yes": len(asked), "no": 0} and last.told["verified"]["no"]:
        yield f"not all is proven: {last.told['verified']}"


def left_over(folder: Path) -> Iterator[str]:
    """What was left lying about."""
    lying = [*(folder / "tmp").iterdir(), *folder.glob(".ptx-*"), *(folder / "home").rglob("*.holder.json")]
    if lying:
        yield f"left lying about: {[path.name for path in lying]}"


def unsteady(rows: pd.DataFrame) -> Iterator[str]:
    """What is wrong with rate, refusals, memory and handles."""
    if not rows["steady"].any():
        yield "the weather was never steady"
        return
    rate, refused = figures.reached(rows)
    if rate < LEAST_RATE:
        yield f"in steady weather {rate:.1%} of the allowed rate were used"
    if refused > MOST_REFUSED:
        yield f"in steady weather {refused:.1%} of the calls were refused"
    for trend in figures.trends(rows, "memory"):
        if trend.growth > max(MOST_MB_GROWN, MOST_SHARE_GROWN * trend.first):
            yield f"memory of process {trend.process} grew: {trend}"
    for trend in figures.trends(rows, "handles"):
        if trend.growth > MOST_HANDLES_GROWN:
            yield f"open files of process {trend.process} grew: {trend}"


def told(soaked: Soaked) -> Iterator[str]:
    """The figures, a line each."""
    rate, refused = figures.reached(soaked.rows)
    steady = int(soaked.rows["steady"].sum())
    calls = soaked.rows[["answered", "refused", "failed", "lost"]].sum()
    yield f"{len(soaked.rows)} s, {steady} of them steady: {rate:.1%} of the allowed rate, {refused:.2%} refused"
    yield f"calls: {calls.to_dict()}, of them for numbers that were listed already: {soaked.rows['already'].sum()}"
    for limiter in ("fair", "fair, whole seconds"):
        part = soaked.rows[soaked.rows["weather"] == limiter]
        if part["steady"].any():
            share, gone = figures.reached(part)
            yield f"  {limiter}: {share:.1%} of the allowed rate, {gone:.2%} refused"
    for column in ("memory", "handles"):
        for trend in figures.trends(soaked.rows, column):
            ends = f"{trend.first:.1f} to {trend.last:.1f}"
            yield f"  {column} of process {trend.process}: {ends} in {trend.seconds:.0f} s"
    yield f"processor: {soaked.rows.groupby('process')['cpu'].max().sum():.0f} s in {len(soaked.commands)} processes"


def main() -> int:
    """The soak that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--numbers", type=int, default=500_000)
    parser.add_argument("--rate", type=float, help="calls a second that are allowed; default: what the time asks for")
    parser.add_argument("--folder", type=Path, required=True)
    asked = parser.parse_args()
    rate = asked.rate or round(asked.numbers / (asked.minutes * 60) * _FAIR_AND_FOUL)
    soaked = soak(asked.folder, asked.numbers, Forecast.lasting(asked.minutes, rate))
    print(*told(soaked), *(f"WRONG: {fault}" for fault in soaked.faults), sep="\n")
    return 1 if soaked.faults else 0


_FAIR_AND_FOUL = 1.55  # over the whole time about two thirds of the allowed rate can be used


if __name__ == "__main__":
    sys.exit(main())

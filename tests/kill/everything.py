"""Kills at random moments over all commands, until there were so many; each trial is checked to the last number.

    python -m tests.kill.everything --kills 200 --lanes 3
    python -m tests.kill.everything --only 17

Prints what was killed how often. A trial that goes wrong is told with its seed, and its folder is kept; the others go
on.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tests.kill.pages import pages
from tests.kill.stories import Story, accounts, files, plans, scrubs

STORIES = (files, plans, files, pages, scrubs, accounts, files, plans, files, pages, scrubs, files)


def trial(folder: Path, seed: int) -> Counter[str]:
    """The trial of this seed in a new folder; how often which command was killed."""
    story = Story(folder, seed)
    with story.ready():
        STORIES[seed % len(STORIES)](story)
        story.place.nothing_lies_about()
    return story.place.killed


@dataclass
class Tally:
    """What came of trials so far."""

    wanted: int
    next_seed: int
    until: float = float("inf")  # no trial begins after it (monotonic)
    killed: Counter[str] = field(default_factory=Counter)
    trials: int = 0
    failed: dict[int, str] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self) -> int | None:
        """The seed of the next trial, None when there were enough kills."""
        with self.lock:
            if self.killed.total() >= self.wanted or time.monotonic() >= self.until:
                return None
            self.next_seed += 1
            return self.next_seed - 1

    def note(self, killed: Counter[str]) -> None:
        with self.lock:
            self.killed += killed
            self.trials += 1


def work(tally: Tally, folder: Path) -> None:
    """Trials until there were enough kills."""
    while (seed := tally.take()) is not None:
        name, place = STORIES[seed % len(STORIES)].__name__, folder / f"trial{seed}"
        try:
            killed = trial(place, seed)
        except BaseException as error:
            with tally.lock:
                tally.failed[seed] = f"{type(error).__name__}: {error}"
            print(f"seed {seed} ({name}) FAILED in {place}", flush=True)
            print(traceback.format_exc(limit=-6), flush=True)
        else:
            tally.note(killed)
            shutil.rmtree(place)
            print(f"seed {seed} ({name}), {tally.killed.total()} kills in all: {dict(killed)}", flush=True)


def run(kills: int, lanes: int, first: int, folder: Path, minutes: float = float("inf")) -> Tally:
    """Trials side by side."""
    tally = Tally(kills, first, time.monotonic() + 60 * minutes)
    with ThreadPoolExecutor(lanes) as pool:
        for lane in [pool.submit(work, tally, folder) for _lane in range(lanes)]:
            lane.result()
    return tally


def main() -> int:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--lanes", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=float("inf"), help="no trial begins later; default: no bound")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--only", type=int, help="the trial of this seed alone")
    parser.add_argument("--folder", type=Path, help="where the trials are; default: a temporary folder")
    asked = parser.parse_args()
    folder = asked.folder or Path(tempfile.mkdtemp(prefix="kills-"))
    if asked.only is not None:
        shutil.rmtree(folder / f"trial{asked.only}", ignore_errors=True)
        print(dict(trial(folder / f"trial{asked.only}", asked.only)))
        return 0
    tally = run(asked.kills, asked.lanes, asked.first, folder, asked.minutes)
    print(f"{tally.trials} trials, {tally.killed.total()} kills, {len(tally.failed)} trials failed: {tally.failed}")
    for name, count in sorted(tally.killed.items()):
        print(f"  {count:4} {name}")
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())

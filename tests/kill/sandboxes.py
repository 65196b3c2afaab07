"""A simulator of the API in a process of its own, with faults on the wire, that can fall and come back."""

from __future__ import annotations

import json
import os
import random
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ROOT

Change = tuple[str, str, str]  # effect (`added`, `removed`), list, number

PROGRAM = """
import json, sys
from pathlib import Path
from ptx_bulk.sandbox import FaultKind, create_app, serve
told = json.loads(sys.argv[1])
faults = {FaultKind(kind): rate for kind, rate in told.pop("faults").items()}
port, state = told.pop("port"), Path(told.pop("state"))
serve(create_app(state, faults=faults, record=True, **told), port=port, announce=lambda url: print(url, flush=True))
"""


@dataclass(frozen=True)
class Weather:
    """What is wrong with the wire: shares of the calls that fail, seconds until a change shows, outages."""

    faults: Mapping[str, float]
    late_s: float
    strict: bool
    outages: int

    @classmethod
    def of(cls, rng: random.Random) -> Weather:
        """Some."""
        kinds = rng.sample(["500", "502", "429", "reset-before", "reset-after"], rng.randrange(4))
        return cls(
            faults={kind: rng.choice([0.01, 0.04]) for kind in kinds},
            late_s=rng.choice([0.0, 0.0, 1.5]),
            strict=rng.random() < 0.3,
            outages=rng.choice([0, 0, 1]),
        )


class Sandbox:
    """The simulator; a context manager.

    Args:
        folder: for its state file.
        weather: its faults.
        seed: makes them repeatable.
        key: of its account.
    """

    def __init__(self, folder: Path, weather: Weather, seed: int, key: str = "sandbox") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.state, self.weather, self.seed, self.key = folder / "sandbox.db", weather, seed, key
        self.port = 0
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Sandbox:
        self._start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.fall()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def fall(self) -> None:
        """Be gone, with all connections."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def outage(self, seconds: float) -> None:
        """Be gone for a while; the lists are what they were."""
        self.fall()
        time.sleep(seconds)
        self.seed += 1
        self._start()

    def _start(self) -> None:
        told = {
            "port": self.port,
            "state": str(self.state),
            "faults": dict(self.weather.faults),
            "late_s": self.weather.late_s,
            "strict": self.weather.strict,
            "seed": self.seed,
            "key": self.key,
            "latency_ms": 15,
        }
        self._process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, json.dumps(told)],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline().rpartition(":")[2])

    def hold(self, kind: str, numbers: Iterable[int]) -> None:
        """Put numbers on a list as if they had always been there."""
        with closing(sqlite3.connect(self.state, timeout=30)) as db, db:
            db.executemany(
                "INSERT INTO entries (list, identifier, id) VALUES (?, ?, ?)",
                [(kind, f"+{number}", f"{number:024x}") for number in numbers],
            )

    def listed(self) -> set[tuple[str, str]]:
        """What is on the lists: list and number."""
        return set(self._rows("SELECT list, identifier FROM entries WHERE NOT deleted"))

    def calls(self) -> int:
        """How many calls there were."""
        return int(self._rows("SELECT coalesce(max(seq), 0) FROM access")[0][0])

    def effects(self, since: int = 0) -> Counter[Change]:
        """How often a call changed a list."""
        query = "SELECT effect, list, identifier FROM access WHERE effect IN ('added', 'removed') AND seq > ?"
        return Counter(self._rows(query, since))

    def _rows(self, query: str, *values: object) -> list[tuple]:
        with closing(sqlite3.connect(self.state, timeout=30)) as db:
            return db.execute(query, values).fetchall()

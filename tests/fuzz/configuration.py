"""What stands in `config.toml`, under the commands that read it; and bookmarks of feeds."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

from tests.conftest import SAMPLES
from tests.fuzz.inputs.mutations import mutated
from tests.fuzz.target import Target, command

_SHOP = """[shop]
region = "BE"
list = "npai"
concurrency = 4
max_rate = 20.5
timeout = 10
dialect = "excel-fr"
keep = "400d"
canary = 5
max_removals = "5%"
base-url = "http://127.0.0.1:9"
log_file = "fuzzed.log"
metrics = "fuzzed.prom"

["l'autre boutique"]
max_removals = 50
"""
_CHANGED = (
    "1e400",
    "true",
    "[1]",
    "{}",
    '""',
    "-0",
    "0x10",
    "1979-05-27",
    "nan",
    "inf",
    "9" * 5000,
    '"\\ud800"',
    '"~nobody/x"',
)


class Config(Target):
    """A configuration, changed; it names no program and no folder."""

    def __init__(self, folder: Path) -> None:
        """Lay a file to be read beside it."""
        super().__init__(folder)
        shutil.copy(SAMPLES / "stops.csv", folder)

    def make(self, rng: random.Random) -> bytes:
        """The configuration with a value, or bytes, changed."""
        lines = _SHOP.splitlines()
        for _n in range(rng.choice((0, 1, 2))):
            at = rng.randrange(len(lines))
            lines[at] = f"{lines[at].partition('=')[0]}= {rng.choice(_CHANGED)}"
        content = "\n".join(lines).encode()
        return (mutated(content, rng) if rng.random() < 0.8 else content).replace(b"/", b"_").replace(b"_command", b"")

    def run(self, content: bytes) -> str:
        """List the profiles, and work for one and for all."""
        (self.folder / "config.toml").write_bytes(content)
        self.fresh("", b"")
        lines = (
            ["profiles", "--json"],
            ["--sandbox", "--profile", "shop", "import", "stops.csv", "--dry-run", "--report", "fuzzed.csv"],
            ["--sandbox", "--profile", "l'autre boutique", "runs"],
        )
        return "".join(map(command, lines))


class Bookmark(Target):
    """The bookmark of a feed, changed, under `changes`."""

    def __init__(self, folder: Path) -> None:
        """Have a feed, and its bookmark."""
        super().__init__(folder)
        self.feed = ["--sandbox", "changes", "--bookmark"]
        command(["--sandbox", "import", str(SAMPLES / "stops.csv"), "--yes", "--report", str(folder / "first.csv")])
        command([*self.feed, str(folder / "mark"), "-o", str(folder / "feed.csv")])
        self.seed = (folder / "mark").read_bytes()

    def make(self, rng: random.Random) -> bytes:
        """The bookmark, changed."""
        return mutated(self.seed, rng)

    def run(self, content: bytes) -> str:
        """The next feed."""
        return command([*self.feed, self.fresh(".mark", content), "-o", "fuzzed.csv"])

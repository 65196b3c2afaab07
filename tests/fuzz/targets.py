"""The doors: what is tried with each input, and what may come of it."""

from __future__ import annotations

import contextlib
import json
import random
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

from ptx_bulk.cli.app import cli
from ptx_bulk.errors import UnreadableFile
from ptx_bulk.pipeline.steps.planfile import _checksum
from ptx_bulk.workbooks.formats import READERS
from ptx_bulk.workbooks.sheets.limits import Limits
from tests.conftest import SAMPLES
from tests.fuzz.configuration import Bookmark, Config
from tests.fuzz.inprocess import parse
from tests.fuzz.inputs import seeds
from tests.fuzz.inputs.mutations import TOKENS, mutated, mutated_document, mutated_json, mutated_package, mutated_xls
from tests.fuzz.page import Page
from tests.fuzz.scrubbing import Lists, Scrub, ScrubText
from tests.fuzz.sending import Sending
from tests.fuzz.target import Target, command
from tests.fuzz.wire import Answers


class Csv(Target):
    """Bytes of delimited text, read and reported by `check`."""

    seeds = tuple(path.read_bytes() for path in sorted(SAMPLES.glob("*.csv")))

    def make(self, rng: random.Random) -> bytes:
        """A sample, changed; sometimes in another encoding first."""
        seed = rng.choice(self.seeds)
        if rng.random() < 0.2:
            seed = seed.decode("cp1252").encode(
                rng.choice(("utf-16", "utf-16-be", "mac-roman", "utf-8-sig")), "replace"
            )
        return mutated(seed, rng)

    def run(self, content: bytes) -> str:
        """Check it, with a report and its rejects."""
        return command(["check", self.fresh(".csv", content), "--report", "fuzzed.results.csv"])


class Parser(Target):
    """Parts of a package, or bytes, given to the reader of a format as the guarded process gives them."""

    form = "xlsx"
    seeds: tuple[bytes, ...] = ()
    change: staticmethod[[bytes, random.Random], bytes] = staticmethod(mutated_package)

    def make(self, rng: random.Random) -> bytes:
        """A seed, changed."""
        return self.change(rng.choice(self.seeds), rng)

    def run(self, content: bytes) -> str:
        """Read it; a damaged file may raise anything, which the guarded process tells as damage."""
        path = self.folder / self.fresh(".bin", content)
        with contextlib.suppress(UnreadableFile):
            parse(path, READERS[self.form], self.folder, Limits(memory=1 << 30, cells=5_000_000))
        return ""


class Workbook(Target):
    """The same from its door: `check` in full, guarded process included."""

    makers: tuple[type[Parser], ...] = ()

    def make(self, rng: random.Random) -> bytes:
        """A file of any format."""
        maker = rng.choice(self.makers)
        return maker.change(rng.choice(maker.seeds), rng)

    def run(self, content: bytes) -> str:
        """Check it, with a report in a workbook and its rejects."""
        return command(["check", self.fresh(".xlsx", content), "--sheet", "all", "--report", "fuzzed.results.xlsx"])


def parser(
    form: str, seed: Callable[[], tuple[bytes, ...]], change: Callable[[bytes, random.Random], bytes]
) -> type[Parser]:
    """The target of a format."""
    return type(form, (Parser,), {"form": form, "seeds": seed(), "change": staticmethod(change)})


_OF_JOURNAL = (
    *(["runs"], ["runs", "--json"], ["show", "1"], ["show", "2", "--json"], ["resume", "--yes"]),
    *(["find", "+33600000201", "--offline"], ["find", "0600000202", "--json"], ["erase", "+33600000201", "--yes"]),
    *(
        ["purge", "--older-than", "1d"],
        ["undo", "2", "--yes", "--reason", "essai"],
        ["audit", "-o", "fuzzed.audit.csv"],
    ),
    *(["changes", "--since", "latest", "--offline", "-o", "fuzzed.csv"], ["changes", "-o", "fuzzed.json"]),
    ["export", "--since", "2026-01-01", "-o", "fuzzed.export.csv"],
    ["import", str(SAMPLES / "stops.csv"), "--yes", "--report", "fuzzed.results.csv"],
    ["sync", str(SAMPLES / "npai.csv"), "--list", "npai", "--dry-run", "--report", "fuzzed.sync.csv"],
)


class Journal(Target):
    """A cell of the journal, or bytes of its file, under commands that read it."""

    def __init__(self, folder: Path) -> None:
        """Make a journal of an import and a removal."""
        super().__init__(folder)
        self.home, self.kept = folder / "home", folder / "kept"
        if not self.kept.exists():
            for words in (
                ["import", str(SAMPLES / "stops.csv")],
                ["remove", str(SAMPLES / "npai.csv"), "--list", "npai"],
            ):
                command(["--sandbox", *words, "--yes", "--report", str(folder / f"{words[0]}.json")])
            shutil.copytree(self.home, self.kept)
        with contextlib.closing(sqlite3.connect(self.kept / "journal.sqlite3")) as db:
            self.runs = [row[0] for row in db.execute("SELECT run_id FROM runs")]

    def make(self, rng: random.Random) -> bytes:
        """A seed for the damage: where it strikes is decided by the journal itself."""
        return rng.randbytes(8)

    def run(self, content: bytes) -> str:
        """Damage a fresh copy, and look at all of it."""
        shutil.rmtree(self.home)
        shutil.copytree(self.kept, self.home)
        _damage(self.home / "journal.sqlite3", random.Random(content))
        self.fresh("", b"")
        lines = random.Random(content).sample(_OF_JOURNAL, 5)
        return "".join(command(["--sandbox", *words]) for words in lines)


def _damage(path: Path, rng: random.Random) -> None:
    if rng.random() < 0.3:
        path.write_bytes(mutated(path.read_bytes(), rng))
        return
    with contextlib.closing(sqlite3.connect(path)) as db, db:
        tables = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        table = rng.choice(tables)
        columns = [row[1] for row in db.execute(f'PRAGMA table_info("{table}")')]
        place = rng.randrange(len(columns))
        rows = db.execute(f'SELECT * FROM "{table}"').fetchall()
        this_row = " AND ".join(f'"{column}" IS ?' for column in columns)  # most tables have no rowid
        for row in rng.sample(rows, min(len(rows), rng.choice((1, 1, 3)))):
            raw = row[place] if isinstance(row[place], bytes) else str(row[place]).encode()
            text = mutated(raw, rng).decode("utf-8", "replace")
            new: object = rng.choice((None, -1, 2**62, 1e308, "", "x" * 300, b"\x80", text, mutated(raw, rng)))
            with contextlib.suppress(sqlite3.IntegrityError):  # a key that is taken, or NULL where none may be
                db.execute(f'UPDATE "{table}" SET "{columns[place]}" = ? WHERE {this_row}', (new, *row))


class Plan(Target):
    """A saved plan, under `apply`."""

    def __init__(self, folder: Path) -> None:
        """Save a plan."""
        super().__init__(folder)
        path = folder / "seed.plan.json"
        if not path.exists():
            command(
                [
                    "--sandbox",
                    "diff",
                    str(SAMPLES / "stops.csv"),
                    "--save-plan",
                    str(path),
                    "--report",
                    str(folder / "d.json"),
                ]
            )
        self.seed = path.read_bytes()

    def make(self, rng: random.Random) -> bytes:
        """The plan, changed; most of the time its checksum is that of what it says now."""
        content = mutated_json(self.seed, rng)
        if rng.random() < 0.8:
            with contextlib.suppress(ValueError, AttributeError, TypeError, RecursionError):
                saved = json.loads(content)
                saved.pop("checksum", None)
                return json.dumps({**saved, "checksum": _checksum(saved)}).encode()
        return content

    def run(self, content: bytes) -> str:
        """Carry it out without sending."""
        return command(
            ["--sandbox", "apply", self.fresh(".plan.json", content), "--dry-run", "--report", "fuzzed.results.csv"]
        )


class Reading(Target):
    """A saved reading, beside the file that it was made for."""

    def __init__(self, folder: Path) -> None:
        """Save a reading."""
        super().__init__(folder)
        path = folder / "seed.toml"
        self.source = str(SAMPLES / "crm-export.csv")
        if not path.exists():
            command(["check", self.source, "--save-reading", str(path), "--report", str(folder / "r.json")])
        self.seed = path.read_bytes()

    def make(self, rng: random.Random) -> bytes:
        """The reading, changed."""
        return mutated(self.seed, rng)

    def run(self, content: bytes) -> str:
        """Check the file by it."""
        return command(
            ["check", self.source, "--reading", self.fresh(".toml", content), "--report", "fuzzed.results.csv"]
        )


class Job(Target):
    """A job file; what it writes stays in the folder, and it has no hook."""

    seeds = tuple(job.encode() for job in seeds.JOBS)

    def __init__(self, folder: Path) -> None:
        """Lay the file that jobs read beside them."""
        super().__init__(folder)
        shutil.copy(SAMPLES / "stops.csv", folder)

    def make(self, rng: random.Random) -> bytes:
        """A job, changed, without the names of other folders and of programs."""
        return mutated(rng.choice(self.seeds), rng).replace(b"/", b"_").replace(b"on_finish", b"finish")

    def run(self, content: bytes) -> str:
        """Run it."""
        return command(["--sandbox", "run", self.fresh(".toml", content)])


class Commands(Target):
    """Words on the command line: commands, options and values in any order."""

    left_out = frozenset(
        {"login", "sandbox", "ui", "run", "doctor", "completion"}
    )  # they serve, ask, or start programs

    def __init__(self, folder: Path) -> None:
        """Lay a file that some of the words name."""
        super().__init__(folder)
        shutil.copy(SAMPLES / "stops.csv", folder)
        self.options = sorted({name for one in cli.commands.values() for param in one.params for name in param.opts})
        self.commands = sorted(set(cli.commands) - self.left_out)

    def make(self, rng: random.Random) -> bytes:
        """Words, NUL between them."""
        words = [rng.choice(self.commands)]
        kinds = (self.options, seeds.WORDS, ("stops.csv",))
        words += [rng.choice(rng.choice(kinds)) for _n in range(rng.randrange(7))]
        token = rng.choice(TOKENS).replace(b"\0", b"").replace(b"/", b"_").decode("utf-8", "surrogateescape")
        return "\0".join([*words, token] if rng.random() < 0.2 else words).encode("utf-8", "surrogateescape")

    def run(self, content: bytes) -> str:
        """Run them on the sandbox, with an address where nobody listens for what does not obey it."""
        words = [
            word
            for word in content.decode("utf-8", "surrogateescape").split("\0")
            if word not in {"--help", "-vv", "-v"}
        ]
        for path in self.folder.glob("*.20[0-9]*"):
            path.unlink()
        return command(["--sandbox", *words])


PARSERS: dict[str, type[Parser]] = {
    "xlsx": parser("xlsx", seeds.xlsx, mutated_package),
    "xlsb": parser("xlsb", seeds.xlsb, mutated_package),
    "ods": parser("ods", seeds.ods, mutated_package),
    "fods": parser("fods", seeds.flat, mutated_document),
    "xml2003": parser("xml2003", seeds.xml2003, mutated_document),
    "xls": parser("xls", seeds.xls, mutated_xls),
    "html": parser("html", seeds.html, mutated_document),
    "vcard": parser("vcf", seeds.vcards, mutated),
}
Workbook.makers = tuple(PARSERS.values())
TARGETS: dict[str, type[Target]] = {
    "csv": Csv,
    **PARSERS,
    "workbook": Workbook,
    "scrub": Scrub,
    "scrubtext": ScrubText,
    "lists": Lists,
    "sending": Sending,
    "page": Page,
    "config": Config,
    "bookmark": Bookmark,
    "answers": Answers,
    "journal": Journal,
    "plan": Plan,
    "reading": Reading,
    "job": Job,
    "commands": Commands,
}

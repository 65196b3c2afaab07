"""Contact files that are scrubbed, and the lists that they are scrubbed by: nobody listed stays, and no row is lost."""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl

import ptx_bulk
from ptx_bulk.errors import InputError, PtxError, UnreadableFile
from ptx_bulk.pipeline import Scrubbed
from tests.fuzz.inprocess import Crashed, stay_here
from tests.fuzz.inputs import books, contacts, seeds
from tests.fuzz.inputs.mutations import mutated, mutated_package, mutated_xls
from tests.fuzz.target import Target

_PARTS = ("kept", "removed", "unsure")
_NATIONAL = "|".join(str(number)[2:] for number in books.LISTED if str(number).startswith("33"))
_LISTED = re.compile(rf"(?<![\d.,])(?:\+33|0033|33|0|\+)?({_NATIONAL}|262692123456)(?![\d])".encode())


def listed_file(folder: Path) -> Path:
    """The lists as `export` writes them."""
    path = folder / "lists.csv"
    lines = [
        f"+{number},{'npai' if at % 2 else 'stop'},a,2026-01-31T10:20:30Z,FR,mobile"
        for at, number in enumerate(books.LISTED)
    ]
    path.write_bytes("\r\n".join(["phone,list,remote_id,added_approx,country,line_type", *lines, ""]).encode())
    return path


class Scrub(Target):
    """A contact file of any format, right or changed, scrubbed in this process."""

    makers: tuple[tuple[Callable[[random.Random], bytes], Callable[[bytes, random.Random], bytes]], ...] = (
        *((books.workbook, mutated_package),) * 6,
        *((books.opendocument, mutated_package),) * 3,
        *((contacts.delimited, mutated),) * 3,
        (contacts.cards, mutated),
        (contacts.columns, mutated),
        (contacts.page, mutated),
        *((lambda rng: rng.choice(seeds.xlsx()), mutated_package),) * 2,
        (lambda rng: rng.choice(seeds.ods()), mutated_package),
        (lambda rng: rng.choice(seeds.xls()), mutated_xls),
        (lambda rng: rng.choice(seeds.xlsb()), mutated_package),
    )

    def __init__(self, folder: Path) -> None:
        """Write the lists."""
        super().__init__(folder)
        stay_here()
        self.lists = listed_file(folder)

    def make(self, rng: random.Random) -> bytes:
        """A file; two of five are right."""
        make, change = rng.choice(self.makers)
        content = make(rng)
        return content if rng.random() < 0.4 else change(content, rng)

    def run(self, content: bytes) -> str:
        """Scrub it, and hold what came out against what went in."""
        path = Path(self.fresh(".dat", content))
        try:
            found = self.scrubbed(path, "fuzzed-out")
        except Crashed as crash:  # it was read, and could not be cut
            return f"{crash}" if ".splitting." in str(crash) else ""
        except PtxError:
            return ""
        [paths] = found.files.values()
        return "; ".join(
            filter(None, (*_counted(found, paths), *self._again(found, paths), *_held(path, found, paths)))
        )

    def scrubbed(self, path: Path, output: str) -> Scrubbed:
        """The file without the people on the lists."""
        return ptx_bulk.scrub(path, lists=self.lists, output=self.folder / output)

    def _again(self, found: Scrubbed, paths: dict[str, str]) -> Iterator[str]:
        """Two of the parts scrubbed once more: of what is kept nobody leaves, and of what was removed nobody stays."""
        for part in ("kept", "removed"):
            try:
                again = self.scrubbed(Path(paths[part]), f"fuzzed-{part}").counts if part in paths else None
            except UnreadableFile as error:
                if part != "kept" or found.counts.kept:  # a card file without cards is nothing
                    yield f"what is {part} cannot be read: {error}"
            except InputError:  # with fewer rows it is less clear what the columns mean
                continue
            else:
                if again and part == "kept" and (again.removed or again.unsure):
                    yield f"somebody listed, or in doubt, was kept: {again}, before {found.counts}"
                told = any("formula" in text for text in found.notices)  # a number that only a formula wrote is gone
                if again and part == "removed" and again.removed < found.counts.removed and not told:
                    yield f"who was removed is not on the lists: {again}, before {found.counts}"


def _counted(found: Scrubbed, paths: dict[str, str]) -> Iterator[str]:
    counts = found.counts
    if counts.kept + counts.removed + counts.unsure + counts.dropped != counts.rows:
        yield f"the parts are not the rows: {counts}"
    told = Counter(found.frame["part"])
    if (told["removed"], told["unsure"]) != (counts.removed, counts.unsure):
        yield f"the rows that are told are others than those that are counted: {told}, {counts}"
    if set(paths) != {"kept", *(part for part in ("removed", "unsure") if told[part])}:
        yield f"other files than parts: {sorted(paths)}, {counts}"
    rows = {part: _cells(Path(path)) for part, path in paths.items()}
    gone = {number for part, cells in rows.items() if part != "kept" for number in _digits(b"\n".join(cells))}
    top = max((int(one["header_row"]) for one in found.summary.reading), default=0)
    gone -= _digits(b"\n".join(rows["kept"][: top * 3 + 3]))  # headings are everybody's
    plain = _plain(Path(paths["kept"]).read_bytes())
    listed = next((one for one in _LISTED.finditer(plain) if one[1] in gone), None)
    if listed:
        yield f"a listed number stands in what is kept: {plain[max(listed.start() - 60, 0) : listed.end() + 30]!r}"


def _digits(plain: bytes) -> set[bytes]:
    """The listed numbers that stand there."""
    return {one[1] for one in _LISTED.finditer(plain)}


def _cells(path: Path) -> list[bytes]:
    """What the rows of a file say, one after the other."""
    sheets, data = _sheets(path), path.read_bytes()
    if sheets is None and data.startswith(b"PK"):
        with zipfile.ZipFile(path) as package:
            return [package.read("content.xml")] if "content.xml" in package.namelist() else []
    if sheets is None:
        return _plain(data).splitlines()
    return [repr(row).encode() for at in range(1, 200) for rows in sheets.values() for row in [rows.get(at, [])]]


def _plain(data: bytes) -> bytes:
    """All that a file holds; of a package, its parts."""
    if not data.startswith(b"PK"):
        return data.replace(b"\0", b"")
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return b"\n".join(package.read(name) for name in package.namelist())


def _held(path: Path, found: Scrubbed, paths: dict[str, str]) -> Iterator[str]:
    """The rows of each part of a workbook, as openpyxl reads them, beside those of the input."""
    before = _sheets(path)
    if any("as a new .xlsx" in text for text in found.notices):
        return  # of markup that is not well-formed in its own terms each reader makes something else
    if before is None or (not paths["kept"].endswith(".xlsx") and not paths["kept"].endswith(".dat")):
        return
    goes = {(sheet, row): part for sheet, row, part in found.frame[["sheet", "row", "part"]].itertuples(index=False)}
    for part, name in paths.items():
        after = _sheets(Path(name))
        if after is None:
            yield f"openpyxl cannot read what is {part}"
            continue
        for sheet, rows in before.items():
            mine = [
                row
                for at, row in rows.items()
                if goes.get((sheet, at), "head") in ({part, "head"} if part == "kept" else {part})
            ]
            there = [row for _at, row in sorted(after.get(sheet, {}).items())]
            if part != "kept":
                mine, there = [row[:1] for row in mine], [row[:1] for row in there]
                missing = Counter(map(repr, mine)) - Counter(map(repr, there))
            else:
                missing = (
                    Counter(map(repr, mine))
                    - Counter(map(repr, there))
                    + (Counter(map(repr, there)) - Counter(map(repr, mine)))
                )
            if missing:
                yield f"{part}, {sheet}: {list(missing)[:3]}"


def _sheets(path: Path) -> dict[str, dict[int, list[object]]] | None:
    """The values of each sheet's rows that hold any; None where openpyxl does not read the file, or not surely."""
    try:
        book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()), data_only=True)
        return {page.title: dict(_rows(page)) for page in book.worksheets}
    except Exception:
        return None


def _rows(page: object) -> Iterator[tuple[int, list[object]]]:
    for at, cells in enumerate(page.iter_rows(values_only=True), 1):  # type: ignore[attr-defined]
        row = list(cells)
        while row and row[-1] in {None, ""}:
            row.pop()
        if row:
            yield at, row


class ScrubText(Scrub):
    """Text and cards alone, which are cut where the command runs, and not in a guarded process."""

    makers = (*((contacts.delimited, mutated),) * 4, (contacts.cards, mutated))


class Lists(Scrub):
    """Lists that were exported and then changed, under `scrub`: nobody that stands in them whole is forgotten."""

    def __init__(self, folder: Path) -> None:
        """Write contacts, and the lists in each form that `export` has."""
        super().__init__(folder)
        self.contacts = folder / "contacts.csv"
        numbers = [*books.LISTED, *books.FREE]
        self.contacts.write_text("Nom;Mobile\n" + "".join(f"P{at};+{number}\n" for at, number in enumerate(numbers)))
        whole = self.lists.read_bytes()
        self.seeds = (whole, b"\xef\xbb\xbf" + whole.replace(b",", b";"), self._json(), *self._written())

    def make(self, rng: random.Random) -> bytes:
        """A list, changed."""
        seed = rng.choice((*self.seeds[:3], *self.seeds))
        return mutated_package(seed, rng) if seed.startswith(b"PK") else mutated(seed, rng)

    def run(self, content: bytes) -> str:
        """Scrub by it; where it is taken, the entries whose lines are whole count."""
        ending = (
            ".json"
            if content[:1] == b"["
            else ".xlsx"
            if content[:2] == b"PK"
            else ".parquet"
            if content[:4] == b"PAR1"
            else ".csv"
        )
        self.lists = Path(self.fresh(ending, content))
        try:
            found = self.scrubbed(self.contacts, "fuzzed-out")
        except PtxError:
            return ""
        kept = Path(found.files[str(self.contacts)]["kept"]).read_bytes()
        lines = set(re.split(rb"[\r\n]+", content))
        whole = {number for number in books.LISTED if any(line in lines for line in self._lines(number))}
        forgotten = [number for number in whole if b"+%d\n" % number in kept]
        return f"forgotten: {forgotten}" if forgotten else ""

    def _lines(self, number: int) -> list[bytes]:
        return [line for seed in self.seeds[:2] for line in seed.split(b"\r\n") if line.startswith(b"+%d" % number)]

    def _json(self) -> bytes:
        rows = ",\n".join(f'{{"phone": "+{number}", "list": "stop", "added_approx": null}}' for number in books.LISTED)
        return f"[{rows}]".encode()

    def _written(self) -> Iterator[bytes]:
        import pandas as pd

        frame = pd.read_csv(io.BytesIO(self.seeds_csv()), dtype=str)
        for name in ("l.xlsx", "l.parquet"):
            path = self.folder / name
            frame.to_excel(path, index=False) if name.endswith("x") else frame.to_parquet(path, index=False)
            yield path.read_bytes()

    def seeds_csv(self) -> bytes:
        """The list as CSV."""
        return self.lists.read_bytes()

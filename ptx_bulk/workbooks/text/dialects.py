"""How the lines of a text file are split: one of four delimiters, or none for a list of one column, and its quotes."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from itertools import islice

from ptx_bulk.errors import ConfigurationError
from ptx_bulk.i18n import _

CANDIDATES = (";", "\t", ",", "|")
NONE = "\x1f"  # splits nothing: the unit separator, which no text holds
_SEP_LINE = re.compile(r"\A\ufeff?\"?sep=(.)\"?[ ;,\t]*(\r\n|\r|\n|\Z)", re.IGNORECASE)
_PAIR = re.compile(r"\s*\d{1,2}\s*")
_LONG_NUMBER = re.compile(r"\d{6}|(?:\d[ .]?){9}")  # in a title there is none
_MOST_TITLES = 30
_NEARLY_ALL = 0.8
_NAMES = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " "}


@dataclass(frozen=True)
class Dialect:
    """How the lines are split.

    Attributes:
        delimiter: one character; `NONE` for one column.
        width: how many cells most lines have.
        declared: whether a first line `sep=` names the delimiter; that line is no row.
        quote: what stands around cells that hold the delimiter: `"` or an apostrophe.
        wrapped: whether each line as a whole stands in quotes.
    """

    delimiter: str
    width: int
    declared: bool
    quote: str = '"'
    wrapped: bool = False

    @property
    def plain(self) -> bool:
        """Whether the quotes are those that every program writes."""
        return self.quote == '"' and not self.wrapped

    @property
    def shown(self) -> str:
        """The delimiter for the user and for writing: '' when there is one column."""
        return "" if self.delimiter == NONE else self.delimiter


def find_dialect(sample: str, wanted: str | None) -> Dialect:
    """The dialect of a text file by its first lines.

    Args:
        sample: the start of the file, line ends as they are.
        wanted: the delimiter the user named, None to detect it.

    Raises:
        ConfigurationError: the named delimiter is not one character.
    """
    declared = _SEP_LINE.match(sample)
    body = sample[declared.end() :] if declared else sample
    delimiter = _named(wanted) if wanted else declared[1] if declared else None
    wrapped = _is_wrapped(body, delimiter)
    if wrapped:
        body = "".join(map(unwrapped, body.splitlines(keepends=True)))
    quote = _quote(body)
    delimiter = delimiter or _likeliest(body, quote)
    if quote == "'" and not _stands_around_cells(body, delimiter):
        quote = '"'
    return Dialect(delimiter, _width(body, delimiter, quote), declared is not None, quote, wrapped)


def _named(wanted: str) -> str:
    delimiter = _NAMES.get(wanted.lower(), wanted)
    if len(delimiter) != 1 or delimiter in '"\r\n':
        raise ConfigurationError(
            _("{delimiter} is not a delimiter; name one character, or tab").format(delimiter=wanted)
        )
    return delimiter


def unwrapped(line: str) -> str:
    """What stands in the quotes around a whole line; the line itself where there are none."""
    inner = line.rstrip("\r\n")
    if len(inner) < 2 or inner[0] != '"' or inner[-1] != '"':
        return line
    content = inner[1:-1]
    if '"' in content.replace('""', ""):
        return line
    return content.replace('""', '"') + line[len(inner) :]


def _lines(body: str) -> list[str]:
    """The sample's lines that hold anything; the last one may be cut off and is left out of many."""
    lines = [line.rstrip("\r\n") for line in islice(io.StringIO(body, newline=""), 200)]
    filled = [line for line in lines if line.strip()]
    return filled[:-1] if len(filled) > 50 else filled


def _is_wrapped(body: str, delimiter: str | None) -> bool:
    """Whether nearly every line is one quoted text, and those texts are alike: the same number of cells, more than one.

    Cells of a single column may hold commas, too ("Dupont, Jean"), but its heading does not.
    """
    if body[:1] != '"' and '\n"' not in body and '\r"' not in body:
        return False
    lines = _lines(body)
    inner = [unwrapped(line) for line in lines]
    changed = [content for content, line in zip(inner, lines, strict=True) if content is not line]
    if len(lines) < 2 or len(changed) < _NEARLY_ALL * len(lines):
        return False
    for candidate in [delimiter] if delimiter else CANDIDATES:
        counts = [len(record) for record in _split("\n".join(inner), candidate)]
        if counts and counts[0] > 1 and counts.count(counts[0]) >= _NEARLY_ALL * len(counts):
            return True
    return False


def _quote(body: str) -> str:
    """An apostrophe where nearly every line begins and ends with one; the headings may have none."""
    if "'" not in body:
        return '"'
    lines = _lines(body)
    below = lines[1:] or lines
    quoted = sum(len(line) > 1 and line[0] == line[-1] == "'" for line in below)
    return "'" if quoted >= _NEARLY_ALL * len(below) > 0 else '"'


def _stands_around_cells(body: str, delimiter: str) -> bool:
    """Whether nearly every cell is in apostrophes, so that they are no letters of the cells."""
    lines = _lines(body)
    border = re.escape(delimiter)
    cell = re.compile(rf"(?:^|(?<={border}))'(?:[^']|'')*'(?={border}|$)")
    cells = [record for record in _split("\n".join(lines[1:] or lines), delimiter, "'") if record]
    quoted = sum(len(cell.findall(line)) for line in lines[1:] or lines)
    return quoted >= _NEARLY_ALL * sum(sum(map(bool, record)) for record in cells)


def _width(body: str, delimiter: str, quote: str) -> int:
    """How many cells most lines have; backslashes before quotes count as escapes where that makes lines more alike."""
    ways = [_split(body, delimiter, quote)]
    if f"\\{quote}" in body:
        ways.append(_split(body, delimiter, quote, escape="\\"))
    found = [Counter(map(len, _without_titles(records))).most_common(1)[0] for records in ways if records]
    return max(found, key=lambda width: width[1], default=(1, 0))[0]


def _likeliest(body: str, quote: str) -> str:
    best: tuple[float, float, int] = (0.0, 0.0, 0)
    chosen = NONE
    for delimiter in CANDIDATES:
        records = _without_titles(_split(body, delimiter, quote))
        several = [len(record) for record in records if len(record) > 1]
        if not several or len(several) * 2 < len(records) or _digit_groups(records):
            continue
        width, most = Counter(several).most_common(1)[0]
        score = (round(len(several) / len(records), 2), round(most / len(several), 2), width)
        if score > best:
            best, chosen = score, delimiter
    return chosen


def _without_titles(records: list[list[str]]) -> list[list[str]]:
    """The records after the titles: the last of the first lines that is not split and holds no number ends them."""
    titles = [
        at
        for at, record in enumerate(records[:_MOST_TITLES])
        if len(record) == 1 and not _LONG_NUMBER.search(record[0])
    ]
    count = titles[-1] + 1 if titles else 0
    return records[count:] if count < len(records) else records


def _split(body: str, delimiter: str, quote: str = '"', escape: str | None = None) -> list[list[str]]:
    """The sample's records; a quote that is never closed costs the records after it, which is no harm here."""
    lines = islice(io.StringIO(body, newline=""), 200)
    records = list(csv.reader(lines, delimiter=delimiter, quotechar=quote, escapechar=escape))
    return [record for record in records if any(map(str.strip, record))] or [record for record in records if record]


def _digit_groups(records: list[list[str]]) -> bool:
    """Whether the delimiter only stands between the digit pairs of numbers (`06,12,34,56,78`)."""
    longer = [record for record in records if len(record) > 1]
    return all(len(record) >= 4 and all(map(_PAIR.fullmatch, record)) for record in longer)

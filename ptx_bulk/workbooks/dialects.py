"""The delimiter of a text file: one of the four in use, or none for a list of one column."""

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
_NAMES = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " "}


@dataclass(frozen=True)
class Dialect:
    """How the lines are split.

    Attributes:
        delimiter: one character; `NONE` for one column.
        width: how many cells most lines have.
        declared: whether a first line `sep=` names the delimiter; that line is no row.
    """

    delimiter: str
    width: int
    declared: bool

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
    if wanted:
        delimiter = _NAMES.get(wanted.lower(), wanted)
        if len(delimiter) != 1 or delimiter in '"\r\n':
            raise ConfigurationError(
                _("{delimiter} is not a delimiter; name one character, or tab").format(delimiter=wanted)
            )
    elif declared:
        delimiter = declared[1]
    else:
        delimiter = _likeliest(body)
    counts = [len(record) for record in _split(body, delimiter)]
    return Dialect(delimiter, Counter(counts).most_common(1)[0][0] if counts else 1, declared is not None)


def _likeliest(body: str) -> str:
    best: tuple[float, float, int] = (0.0, 0.0, 0)
    chosen = NONE
    for delimiter in CANDIDATES:
        records = _split(body, delimiter)
        several = [len(record) for record in records if len(record) > 1]
        if not several or len(several) * 2 < len(records) or _digit_groups(records):
            continue
        width, most = Counter(several).most_common(1)[0]
        score = (round(len(several) / len(records), 2), round(most / len(several), 2), width)
        if score > best:
            best, chosen = score, delimiter
    return chosen


def _split(body: str, delimiter: str) -> list[list[str]]:
    """The sample's records; a quote that is never closed costs the records after it, which is no harm here."""
    lines = islice(io.StringIO(body, newline=""), 200)
    records = list(csv.reader(lines, delimiter=delimiter))
    return [record for record in records if any(map(str.strip, record))] or [record for record in records if record]


def _digit_groups(records: list[list[str]]) -> bool:
    """Whether the delimiter only stands between the digit pairs of numbers (`06,12,34,56,78`)."""
    longer = [record for record in records if len(record) > 1]
    return all(len(record) >= 4 and all(map(_PAIR.fullmatch, record)) for record in longer)

"""`--where`: which rows count, by the values of a column."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ptx_bulk.errors import ColumnNotFound, ConfigurationError
from ptx_bulk.i18n import _
from ptx_bulk.workbooks.choosing.columns import Columns
from ptx_bulk.workbooks.sheets.arrow import one_piece, to_texts

_SIGN = re.compile(r"!?=")


@dataclass(frozen=True)
class RowFilter:
    """Rows whose cell in a column is one of the values, or none of them where `negated`.

    Attributes:
        column: 0-based place.
        label: the column as the user named it.
        values: as the user wrote them; '' is an empty cell.
    """

    column: int
    label: str
    values: tuple[str, ...]
    negated: bool = False

    def __str__(self) -> str:
        return f"{self.label}{'!=' if self.negated else '='}{'|'.join(self.values)}"

    def rows(self, columns: Columns) -> npt.NDArray[np.bool_]:
        """For each row of the sheet whether it counts; compared without case, accents and outer blanks."""
        wanted = {folded(value) for value in self.values}
        encoded = one_piece(columns.sheet.values(self.column)).dictionary_encode()
        good = np.array([folded(text) in wanted for text in to_texts(encoded.dictionary)], dtype=bool)
        chosen = good[encoded.indices.to_numpy()] if len(good) else np.zeros(len(encoded), bool)
        return ~chosen if self.negated else chosen


def parse_filter(text: str, columns: Columns) -> RowFilter:
    """`COLUMN=VALUE|VALUE` or `COLUMN!=VALUE`; a heading may hold the sign itself.

    Raises:
        ConfigurationError: there is no sign in it.
        ColumnNotFound: there is no such column.
    """
    signs = list(_SIGN.finditer(text))
    if not signs:
        raise ConfigurationError(
            _('--where "{text}" is not COLUMN=VALUE or COLUMN!=VALUE, such as Statut=STOP|NPAI.').format(text=text)
        )
    missing: ColumnNotFound | None = None
    for sign in signs:
        name = text[: sign.start()].strip()
        try:
            column = columns.named(name)
        except ColumnNotFound as error:
            missing = missing or error
            continue
        return RowFilter(column, name, tuple(text[sign.end() :].split("|")), sign[0] == "!=")
    raise missing or AssertionError


def folded(text: str) -> str:
    """The text without case, accents and outer blanks."""
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return " ".join("".join(char for char in decomposed if not unicodedata.combining(char)).split())

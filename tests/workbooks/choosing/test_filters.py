"""Which rows count: `--where`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptx_bulk.errors import ColumnNotFound, ConfigurationError
from ptx_bulk.workbooks import Reading
from ptx_bulk.workbooks.choosing.filters import folded

Opened = Callable[..., Reading]
Make = Callable[..., Path]
TABLE = """Portable;Statut;Ville=Siège
0612345671;Désabonné;Paris
0612345672;actif;Lyon
0612345673; DESABONNE ;
0612345674;;Paris
"""

FILTERS = {
    ("Statut=Désabonné",): "13",
    ("statut=desabonne",): "13",
    ("B=actif|Désabonné",): "123",
    ("Statut!=actif",): "134",
    ("Statut!=actif|",): "13",
    ("Statut=",): "4",
    ("Statut!=actif", "Ville=Siège=Paris"): "14",
    ("Ville=Siège!=Paris",): "23",
    ("Statut=nobody",): "",
}


@pytest.mark.parametrize("where", FILTERS)
def test_rows_are_chosen(where: tuple[str, ...], text: Make, opened: Opened) -> None:
    """Values are compared without case, accents and outer blanks; all filters must hold; the others are counted."""
    reading = opened(text(TABLE), where=where, list="stop")
    assert "".join(raw[-1] for raw in reading.cells["raw"]) == FILTERS[where]
    (file,) = reading.inputs
    assert (file.rows, file.excluded) == (len(FILTERS[where]), 4 - len(FILTERS[where]))
    assert f"{file.excluded} left out by --where" in reading.sheets[0].sentence()


@pytest.mark.parametrize(
    ("where", "error", "said"), [("Statut", ConfigurationError, "COLUMN=VALUE"), ("Stat=x", ColumnNotFound, "Stat")]
)
def test_a_filter_that_is_none_is_refused(
    where: str, error: type[Exception], said: str, text: Make, opened: Opened
) -> None:
    """A filter without a sign is a wrong option, one of a column that is not there names the columns."""
    with pytest.raises(error, match=said):
        opened(text(TABLE), where=(where,))


@given(st.text(max_size=10))
def test_folding_is_stable(value: str) -> None:
    """A folded value folds to itself, whatever its case and outer blanks are."""
    assert folded(folded(value)) == folded(value) == folded(f" {value} ")

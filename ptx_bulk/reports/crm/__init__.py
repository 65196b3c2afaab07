"""Column sets that the imports of other programs document, one small file each."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ptx_bulk.errors import ConfigurationError
from ptx_bulk.i18n import _
from ptx_bulk.model import ListEvent

if TYPE_CHECKING:
    import pandas as pd

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class CrmLayout:
    """What a program's import wants to see.

    Attributes:
        name: the name after `--for`.
        title: the program's name.
        source: the page of the program's maker that documents its import.
        number_format: how its numbers are written: `e164`, `national`, `international` or `msisdn`.
        formats: file formats that it imports, the first is the usual one.
        columns: heading, and the export column whose values stand there, or `=` and a text for every row.
        opt_out, opt_in: what a row has, besides `columns`, when its number came to a list, and when it left them all;
            None: the program's import cannot say that.
        changes_source: the page of the program's maker that documents these.
    """

    name: str
    title: str
    source: str
    number_format: str
    formats: tuple[str, ...]
    columns: tuple[tuple[str, str], ...]
    opt_out: tuple[tuple[str, str], ...]
    opt_in: tuple[tuple[str, str], ...] | None
    changes_source: str


def crm_names() -> tuple[str, ...]:
    """The names that `crm_columns` knows."""
    return tuple(sorted(path.stem for path in _HERE.glob("*.toml")))


def crm_columns(name: str) -> CrmLayout:
    """The layout of one program.

    Raises:
        ConfigurationError: no layout has that name.
    """
    if name not in crm_names():
        raise ConfigurationError(
            _("There is no column set for {name}; choose one of {known}.").format(
                name=name, known=", ".join(crm_names())
            )
        )
    table = tomllib.loads((_HERE / f"{name}.toml").read_text(encoding="utf-8"))
    return CrmLayout(
        name=name,
        title=table["title"],
        source=table["source"],
        number_format=table["number_format"],
        formats=tuple(table["formats"]),
        columns=tuple(table["columns"].items()),
        opt_out=tuple(table["changes"]["opt_out"].items()),
        opt_in=tuple(table["changes"]["opt_in"].items()) if "opt_in" in table["changes"] else None,
        changes_source=table["changes"]["source"],
    )


def apply_crm(frame: pd.DataFrame, layout: CrmLayout) -> pd.DataFrame:
    """The export under the program's headings; `frame` has `model.EXPORT_COLUMNS`, numbers in its format."""
    return _laid_out(frame, layout.columns)


def apply_crm_to_changes(frame: pd.DataFrame, layout: CrmLayout) -> tuple[pd.DataFrame, int]:
    """What changed, under the program's headings, and the number of opt-ins that its import cannot take.

    Args:
        frame: one row a number, with `model.FEED_COLUMNS` (`Changes.final`), numbers in the program's format.
        layout: the program's.
    """
    import pandas as pd  # noqa: PLC0415 - who only asks for the names does not wait for it

    out = (frame["event"] == ListEvent.ADDED.value).to_numpy()
    came = _laid_out(frame[out], _with(layout.columns, layout.opt_out))
    if layout.opt_in is None:
        return came.reset_index(drop=True), int((~out).sum())
    left = _laid_out(frame[~out], _with(layout.columns, layout.opt_in))
    return pd.concat([came, left]).sort_index().reset_index(drop=True), 0


def _with(columns: tuple[tuple[str, str], ...], more: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    return tuple({**dict(columns), **dict(more)}.items())


def _laid_out(frame: pd.DataFrame, layout: tuple[tuple[str, str], ...]) -> pd.DataFrame:
    import pandas as pd  # noqa: PLC0415 - who only asks for the names does not wait for it

    columns = {
        heading: pd.Series(source[1:], index=frame.index, dtype="str") if source.startswith("=") else frame[source]
        for heading, source in layout
    }
    return pd.DataFrame(columns)

"""Column sets that the imports of other programs document, one small file each."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ptx_bulk.errors import ConfigurationError
from ptx_bulk.i18n import _

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
    """

    name: str
    title: str
    source: str
    number_format: str
    formats: tuple[str, ...]
    columns: tuple[tuple[str, str], ...]


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
    )


def apply_crm(frame: pd.DataFrame, layout: CrmLayout) -> pd.DataFrame:
    """The export under the program's headings; `frame` has `model.EXPORT_COLUMNS`, numbers in its format."""
    import pandas as pd  # noqa: PLC0415 - who only asks for the names does not wait for it

    columns = {
        heading: pd.Series(source[1:], index=frame.index, dtype="str") if source.startswith("=") else frame[source]
        for heading, source in layout.columns
    }
    return pd.DataFrame(columns)

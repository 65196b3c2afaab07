"""What a caller gives as input: files, or a table of its own memory."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TypeAlias

import pandas as pd

from ptx_bulk.arguments import wrong
from ptx_bulk.errors import ConfigurationError
from ptx_bulk.i18n import _

Input: TypeAlias = "str | os.PathLike[str] | pd.DataFrame | pd.Series | Iterable[str | int | os.PathLike[str]]"

_HEADING = "phone"  # of numbers that came without one
_ENDING = re.compile(r"\.[^\W\d_]\w*")


@dataclass(frozen=True)
class Inputs:
    """The input as the pipeline reads it.

    Attributes:
        names: of files, or of what stands for them.
        frames: tables in memory by name.
        columns: the columns with the numbers, where the input itself says it.
    """

    names: tuple[str, ...]
    frames: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    columns: tuple[str, ...] = ()


def taken(given: Input) -> Inputs:
    """What this input is.

    A text is a file's name, and so is a path. Several are files where each is a path, `-`, or a text that ends like a
    file's name (`.csv`), and numbers where none is.

    Raises:
        ConfigurationError: it is none of what can be read, or files and numbers stand side by side.
    """
    if isinstance(given, pd.DataFrame):
        return Inputs(("DataFrame",), {"DataFrame": given})
    if isinstance(given, pd.Series):
        heading = _HEADING if given.name is None else given.name
        return Inputs(("Series",), {"Series": given.to_frame(heading)}, ("1",))
    if isinstance(given, str | os.PathLike):
        return Inputs((os.fspath(given),))
    if isinstance(given, bytes | Mapping) or not isinstance(given, Iterable):
        raise wrong("numbers", given, _("a path, paths, a DataFrame, a Series or an iterable of numbers"))
    items = list(given)
    files = [_is_file(item) for item in items]
    if any(files):
        if all(files):
            return Inputs(tuple(os.fspath(item) for item in items if not isinstance(item, int)))
        raise ConfigurationError(
            _("The argument numbers holds files and numbers side by side; give them apart, numbers as a pandas Series.")
        )
    return Inputs(("numbers",), {"numbers": pd.DataFrame({_HEADING: pd.Series(items, dtype=object)})}, ("1",))


def _is_file(item: object) -> bool:
    if isinstance(item, str):
        return item == "-" or _ENDING.fullmatch(PurePath(item).suffix) is not None
    return isinstance(item, os.PathLike)

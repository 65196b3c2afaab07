"""What needs no account: functions."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal, Unpack

from ptx_bulk import pipeline
from ptx_bulk.library.inputs import Input
from ptx_bulk.library.keywords import CheckKeywords, ListName, PathLike, ScrubKeywords, spelled_out
from ptx_bulk.library.logged import Logged
from ptx_bulk.library.requests_from_keywords import reporting_of, scrubbing_of, sending_of, source_of
from ptx_bulk.pipeline import Interface, Result, Scrubbed
from ptx_bulk.settings import Profile, Settings


@spelled_out(CheckKeywords)
def check(numbers: Input, **options: Unpack[CheckKeywords]) -> Result:
    """Read, normalise and validate; no network, no key, no journal.

    Args:
        numbers: a path, paths, a DataFrame, a Series or an iterable of numbers.
        options: see `ReadKeywords`, and `report`.

    Raises:
        ConfigurationError: an argument is wrong; the text names it.
        InputError: a file cannot be read, has no phone column, or what it means is in doubt.
    """
    return pipeline.check(source_of(numbers, options, Profile()), reporting_of(options, Profile()), Logged())


@spelled_out(ScrubKeywords)
def scrub(
    files: PathLike | Iterable[PathLike],
    *,
    lists: PathLike | Iterable[PathLike],
    list: ListName | Literal["both"] = "both",
    **options: Unpack[ScrubKeywords],
) -> Scrubbed:
    """Write the files without the people on lists that `export` wrote; no network, no key, no journal.

    Args:
        files: a path, or several.
        lists: files with the lists.
        list: whom to take out.
        options: see `ScrubKeywords`.

    Raises:
        ConfigurationError: an argument is wrong; the text names it.
        InputError: a file or a list cannot be read, has no phone column, or what it means is in doubt.
    """
    return scrubbed(files, list, lists, options, None, Logged())


def scrubbed(
    files: Any,  # noqa: ANN401 - it is checked
    kind: Any,  # noqa: ANN401
    lists: Any,  # noqa: ANN401
    options: Any,  # noqa: ANN401
    settings: Settings | None,
    interface: Interface,
) -> Scrubbed:
    """Scrub by the settings of an account, or, without one, by lists from files."""
    profile = Profile() if settings is None else settings.defaults
    several = [files] if isinstance(files, str | os.PathLike) else [*files]
    exports = [lists] if isinstance(lists, str | os.PathLike) else [*lists]
    named = [Path(one) if isinstance(one, str) and one != "-" else one for one in several]
    source = source_of(named, {"accept": "any", **options}, profile)
    return pipeline.scrub(
        source, scrubbing_of(kind, exports, options), settings, sending_of(options, profile), interface
    )

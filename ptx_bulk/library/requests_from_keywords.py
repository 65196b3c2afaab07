"""What keyword arguments ask for, as requests to the pipeline."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from ptx_bulk.applying import Patience
from ptx_bulk.arguments import DIALECT_NAMES, READ_MEMORY, READ_TIMEOUT, SECONDS, one_of, text_or_none, word, wrong
from ptx_bulk.i18n import _
from ptx_bulk.library.inputs import Input, Inputs, taken
from ptx_bulk.library.keywords import PathLike
from ptx_bulk.model import Accept, ListKind
from ptx_bulk.numbers import region_or_none
from ptx_bulk.pipeline import Reporting, Scrubbing, Sending, Source
from ptx_bulk.plan import MaxRemovals, Safeguards
from ptx_bulk.settings import Profile
from ptx_bulk.workbooks import Limits, ReadOptions, load_reading


def source_of(given: Input, options: Mapping[str, Any], profile: Profile) -> Source:
    """The Source that the input and the `ReadKeywords` among the options say; the profile's region stands in.

    Raises:
        ConfigurationError: an argument is wrong; the text names it.
    """
    inputs = taken(given)
    region = options.get("region", profile.region or "FR")
    text_or_none("region", region)
    reading = ReadOptions(
        columns=_columns(options, inputs),
        list=options.get("list", profile.list),
        list_column=options.get("list_column"),
        country_column=options.get("country_column"),
        sheets=_several("sheet", options.get("sheet", ())),
        header_row=_header_row(options, inputs),
        where=_several("where", options.get("where", ())),
        encoding=options.get("encoding"),
        delimiter=options.get("delimiter"),
        region=None if region is None else region_or_none(region),
        region_given="region" in options,
        hidden_rows=options.get("hidden_rows", "include"),
        preset=options.get("provider"),
        settled=load_reading(os.fspath(options["reading"])) if "reading" in options else (),
        password_file=path_of(options, "password_file"),
        limits=_limits(options),
    )
    return Source(
        files=inputs.names,
        reading=reading,
        accept=one_of("accept", options.get("accept", Accept.MOBILE), Accept),
        save_reading=path_of(options, "save_reading"),
        frames=inputs.frames,
    )


def sending_of(options: Mapping[str, Any], profile: Profile | None = None) -> Sending:
    """The Sending that the options say; the profile's values, if any, stand in for what is left out.

    Raises:
        ConfigurationError: an argument is wrong; the text names it.
    """
    usual = Sending()
    given = {
        name: options[name]
        for name in ("dry_run", "verify", "time_limit", "trust_smaller_list", "comment")
        if name in options
    }
    for name in ("concurrency", "max_rate", "timeout", "canary"):
        if (value := options.get(name, getattr(profile, name, None))) is not None:
            given[name] = value
    wait = options.get("verify_wait", usual.patience.seconds)
    SECONDS.check("verify_wait", wait)
    return Sending(
        **given,
        yes=True,
        safeguards=Safeguards(
            max_removals=_max_removals(options.get("max_removals", getattr(profile, "max_removals", None))),
            allow_stop_removal=options.get("allow_stop_removal", False),
            reason=options.get("reason", ""),
        ),
        patience=Patience(seconds=wait),
    )


def reporting_of(options: Mapping[str, Any], profile: Profile) -> Reporting:
    """Where reports go: nowhere unless `report` says so; the profile's dialect stands in for one that is left out.

    Raises:
        ConfigurationError: it is no path.
    """
    report = options.get("report", ())
    dialect = options.get("dialect", profile.dialect)
    if "dialect" in options:
        word("dialect", dialect, DIALECT_NAMES)
    return Reporting(paths=tuple(map(Path, _several("report", report))), folder=None, dialect=dialect)


def scrubbing_of(
    lists: ListKind | Literal["stop", "npai", "both"],
    exports: str | os.PathLike[str] | Sequence[PathLike],
    options: Mapping[str, Any],
) -> Scrubbing:
    """The Scrubbing that the arguments say.

    Raises:
        ConfigurationError: an argument is wrong; the text names it.
    """
    output, numberless = path_of(options, "output"), options.get("no_number", "keep")
    word("no_number", numberless, ("keep", "drop"))
    return Scrubbing(
        lists=tuple(ListKind) if lists == "both" else (one_of("list", lists, ListKind),),
        exports=_several("lists", exports),
        output=None if output is None else Path(output),
        drop_numberless=numberless == "drop",
    )


def _columns(options: Mapping[str, Any], inputs: Inputs) -> tuple[str, ...]:
    if "column" not in options:
        return inputs.columns
    if inputs.columns:
        raise wrong("column", options["column"], _("to be left out, since these numbers have no other column"))
    given = options["column"]
    if isinstance(given, str | int):
        given = [given]
    if not isinstance(given, list | tuple) or not all(isinstance(one, str | int) for one in given):
        raise wrong("column", given, _("a heading, letter or number, or several"))
    return tuple(str(one) for one in given)


def _header_row(options: Mapping[str, Any], inputs: Inputs) -> int | None:
    if not inputs.frames:
        row: int | None = options.get("header_row")
        return row
    if "header_row" in options:
        raise wrong("header_row", options["header_row"], _("to be left out, since a table in memory names its columns"))
    return 1


def _several(name: str, given: object) -> tuple[str, ...]:
    """One text or path, or several, as texts."""
    values = [given] if isinstance(given, str | os.PathLike) else given
    if not isinstance(values, list | tuple) or not all(isinstance(one, str | os.PathLike) for one in values):
        raise wrong(name, given, _("a text, or several"))
    return tuple(os.fspath(one) for one in values)


def path_of(options: Mapping[str, Any], name: str) -> str | None:
    """The path that the option holds, None where it is left out; a ConfigurationError names what is no path."""
    if name not in options:
        return None
    [path] = _several(name, [options[name]])
    return path


def _limits(options: Mapping[str, Any]) -> Limits:
    usual = Limits()
    memory, seconds = options.get("read_memory", usual.memory >> 20), options.get("read_timeout", usual.seconds)
    READ_MEMORY.check("read_memory", memory)
    READ_TIMEOUT.check("read_timeout", seconds)
    return Limits(memory=memory << 20, seconds=seconds)


def _max_removals(given: object) -> MaxRemovals:
    if given is None:
        return MaxRemovals()
    if isinstance(given, bool) or not isinstance(given, int | str):
        raise wrong("max_removals", given, _("a number or a share such as 5%"))
    return MaxRemovals.parse(str(given))

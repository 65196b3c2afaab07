"""The keyword arguments that methods share, and what they ask the pipeline for.

Each has the name of the command line's option, with `_` for `-`; where an error names an option such as
`--allow-stop-removal`, the keyword `allow_stop_removal` is meant.
"""

from __future__ import annotations

import difflib
import functools
import inspect
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypedDict, TypeVar, cast, get_type_hints

from ptx_bulk.applying import Patience
from ptx_bulk.arguments import DIALECT_NAMES, READ_MEMORY, READ_TIMEOUT, SECONDS, one_of, text_or_none, word, wrong
from ptx_bulk.errors import ConfigurationError
from ptx_bulk.i18n import _
from ptx_bulk.library.inputs import Input, Inputs, taken
from ptx_bulk.model import Accept, ListKind
from ptx_bulk.numbers import region_or_none
from ptx_bulk.pipeline import Reporting, Scrubbing, Sending, Source
from ptx_bulk.plan import MaxRemovals, Safeguards
from ptx_bulk.settings import Profile
from ptx_bulk.workbooks import Limits, ReadOptions, load_reading

PathLike: TypeAlias = str | os.PathLike[str]
ListName: TypeAlias = ListKind | Literal["stop", "npai"]
Names: TypeAlias = str | int | Sequence[str | int]
F = TypeVar("F", bound=Callable[..., Any])


class FileKeywords(TypedDict, total=False):
    """What is known about files; what is left out is found, or refused with the question that it raises.

    Attributes:
        column: the columns with the numbers: heading, letter (`C`) or 1-based number, or several.
        country_column: the column with each row's country; `none`: there is none.
        region: ISO code of the country of numbers written without one (`FR`); `none`: there is none.
        provider: the input is this provider's export (the command line's `--from`).
        where: row filters such as `Statut=STOP|OUT`; all must hold.
        sheet: names of sheets, or `all`.
        header_row: row with the headings, 0 for none; files only.
        encoding, delimiter: of text files.
        accept: `mobile` (default) or `any` valid number; `scrub` takes any by default.
        hidden_rows: `include` (default) or `skip`.
        password_file: a file whose first line is the password of protected workbooks.
        reading: a saved reading that the files must fit.
        save_reading: where to keep what the files mean.
        read_memory: megabytes that reading one workbook may take (2048).
        read_timeout: seconds that it may take (300).
    """

    column: Names
    country_column: str
    region: str
    provider: str
    where: str | Sequence[str]
    sheet: str | Sequence[str]
    header_row: int
    encoding: str
    delimiter: str
    accept: Accept | Literal["mobile", "any"]
    hidden_rows: Literal["include", "skip"]
    password_file: PathLike
    reading: PathLike
    save_reading: PathLike
    read_memory: int
    read_timeout: float


class ReadKeywords(FileKeywords, total=False):
    """What is known about the input: see `FileKeywords`, and for which list its numbers are.

    Attributes:
        list: `stop` or `npai`, for all numbers that nothing else says it of; default: what the input says, else `stop`.
        list_column: the column that says STOP or NPAI for each row.
    """

    list: ListKind | Literal["stop", "npai"]
    list_column: str


class FetchKeywords(TypedDict, total=False):
    """How the lists are read.

    Attributes:
        timeout: seconds to wait for one answer (30).
        trust_smaller_list: go on although a list came back much smaller than it was.
    """

    timeout: float
    trust_smaller_list: bool


class PaceKeywords(FetchKeywords, total=False):
    """How changes are sent, and where the report goes.

    Attributes:
        report: the reports to write (.csv .xlsx .json .html .parquet), one path or several; none by default, and then
            no rejects file is written either.
        dialect: of the CSV among them: `rfc4180` or `excel-fr`; default: the profile's, else `rfc4180`.
        concurrency: most calls in the air at once (64).
        max_rate: most calls a second; default: no limit.
        time_limit: seconds after which the sending stops cleanly, so that `resume` goes on.
        verify_wait: seconds to read the list again while it does not show every change (60).
        verify: whether the list is read again at the end (True).
    """

    report: PathLike | Sequence[PathLike]
    dialect: Literal["rfc4180", "excel-fr"]
    concurrency: int
    max_rate: float
    time_limit: float
    verify_wait: float
    verify: bool


class SendKeywords(PaceKeywords, total=False):
    """What may be sent. Calling the method is the confirmation: nobody is asked.

    Attributes:
        dry_run: everything but the sending.
        max_removals: most removals from a list, a number or a share such as `5%` (30% where it holds ten or more).
        allow_stop_removal: removals from STOP are allowed; they need `reason`.
        reason: why numbers are removed from STOP; kept in journal and report.
        canary: so many changes are sent and read back before the rest.
        comment: what is to be known of the run later; kept in journal and report.
    """

    dry_run: bool
    max_removals: int | str
    allow_stop_removal: bool
    reason: str
    canary: int
    comment: str


class CheckKeywords(ReadKeywords, total=False):
    """Those of `check`.

    Attributes:
        report: the reports to write, one path or several; none by default, and then no rejects file either.
        dialect: of the CSV among them: `rfc4180` or `excel-fr`; default: the profile's, else `rfc4180`.
    """

    report: PathLike | Sequence[PathLike]
    dialect: Literal["rfc4180", "excel-fr"]


class DiffKeywords(CheckKeywords, FetchKeywords, total=False):
    """Those of `diff`.

    Attributes:
        max_removals: the limit to judge the plan by, a number or a share such as `5%`.
    """

    max_removals: int | str


class WriteKeywords(ReadKeywords, SendKeywords, total=False):
    """Those of `import_`, `remove` and `sync`."""


class ScrubKeywords(FileKeywords, FetchKeywords, total=False):
    """Those of `scrub`: what is known about the files (see `FileKeywords`), and what becomes of them.

    Attributes:
        output: what the new files are called, with their folder: `campaign` gives `campaign.kept.csv`; default: the
            input's name and the run, in the current folder.
        no_number: `keep` (default) or `drop` rows without any number.
    """

    output: PathLike
    no_number: Literal["keep", "drop"]


class AuditKeywords(ReadKeywords, FetchKeywords, total=False):
    """Those of `audit`: how the lists are read, and how the reference of `against` is."""


def spelled_out(keywords: type) -> Callable[[F], F]:
    """Show a method's keywords one by one in its signature, and refuse any other by name.

    Args:
        keywords: the TypedDict of its `**options`.
    """

    def decorate(function: F) -> F:
        @functools.wraps(function)
        def wrapper(*args: Any, **given: Any) -> Any:  # noqa: ANN401 - whatever the function takes
            for name in given:
                if name not in known:
                    raise _unknown(name, known)
            return function(*args, **given)

        shown = inspect.signature(function)
        own = [one for one in shown.parameters.values() if one.kind is not inspect.Parameter.VAR_KEYWORD]
        named = get_type_hints(keywords)
        known = [one.name for one in own] + list(named)
        more = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=..., annotation=kind)
            for name, kind in named.items()
        ]
        wrapper.__signature__ = shown.replace(parameters=[*own, *more])  # type: ignore[attr-defined]
        return cast("F", wrapper)

    return decorate


def _unknown(name: str, known: Sequence[str]) -> ConfigurationError:
    near = difflib.get_close_matches(name, known, 1)
    if near:
        return ConfigurationError(
            _("There is no argument {name}; {near} may be meant.").format(name=name, near=near[0])
        )
    return ConfigurationError(
        _("There is no argument {name}; the arguments are: {names}.").format(name=name, names=", ".join(known))
    )


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
        password_file=_path(options, "password_file"),
        limits=_limits(options),
    )
    return Source(
        files=inputs.names,
        reading=reading,
        accept=one_of("accept", options.get("accept", Accept.MOBILE), Accept),
        save_reading=_path(options, "save_reading"),
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
    output, numberless = _path(options, "output"), options.get("no_number", "keep")
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


def _path(options: Mapping[str, Any], name: str) -> str | None:
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

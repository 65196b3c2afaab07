"""The keyword arguments that methods share, and what they ask the pipeline for.

Each has the name of the command line's option, with `_` for `-`; where an error names an option such as
`--allow-stop-removal`, the keyword `allow_stop_removal` is meant.
"""

from __future__ import annotations

import difflib
import functools
import inspect
import os
from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeAlias, TypedDict, TypeVar, cast, get_type_hints

from ptx_bulk.errors import ConfigurationError
from ptx_bulk.i18n import _
from ptx_bulk.model import Accept, ListKind

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


class ApplyKeywords(SendKeywords, total=False):
    """How a saved plan is carried out.

    Attributes:
        password_file: a file whose first line is the password of protected workbooks: a plan keeps none.
    """

    password_file: PathLike


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

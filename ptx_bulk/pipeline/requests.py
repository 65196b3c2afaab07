"""What a command is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from ptx_bulk.applying import Patience, RetryPolicy
from ptx_bulk.arguments import (
    CANARY,
    CONCURRENCY,
    DIALECT_NAMES,
    MAX_RATE,
    TIME_LIMIT,
    TIMEOUT,
    of_type,
    one_of,
    paths,
    set_checked,
    text_or_none,
    texts,
    word,
    wrong,
)
from ptx_bulk.errors import ConfigurationError
from ptx_bulk.i18n import _
from ptx_bulk.model import Accept, Mode
from ptx_bulk.pipeline.interface import Interface, Quiet
from ptx_bulk.plan import Safeguards
from ptx_bulk.settings import Settings
from ptx_bulk.visible import visible
from ptx_bulk.workbooks import ReadOptions

FROM_FILES = (Mode.IMPORT, Mode.REMOVE, Mode.SYNC)  # what `write` and `diff` can be asked for


@dataclass(frozen=True, kw_only=True)
class Source:
    """The files and how to read them.

    Attributes:
        files: paths as the user gave them; `-` is standard input.
        frames: tables in memory by the names among `files` that stand for them; only the run itself can read them.
        reading: what is known about them, such as the list that their numbers are for.
        save_reading: the file to write what they mean to (`--save-reading`), None for none.
        accept: which valid numbers count.
    """

    files: tuple[str, ...]
    reading: ReadOptions = field(default_factory=ReadOptions)
    accept: Accept = Accept.MOBILE
    save_reading: str | None = None
    frames: Mapping[str, pd.DataFrame] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Refuse what is no source.

        Raises:
            ConfigurationError: it names the argument.
        """
        files = texts("files", self.files)
        if not files:
            raise wrong("files", self.files, _("at least one file"))
        of_type("reading", self.reading, ReadOptions)
        text_or_none("save_reading", self.save_reading)
        set_checked(
            self,
            files=files,
            accept=one_of("accept", self.accept, Accept),
        )


_CONCURRENCY, _TIMEOUT_S = 64, 30.0  # where nobody asks for another
_BOUNDS = {"concurrency": CONCURRENCY, "timeout": TIMEOUT, "max_rate": MAX_RATE, "time_limit": TIME_LIMIT}


@dataclass(frozen=True, kw_only=True)
class Sending:
    """How to write to the API; None is "not given", so that what was given can be told from what is usual.

    Attributes:
        dry_run: everything but the sending.
        yes: the plan is confirmed beforehand.
        safeguards: what may be removed.
        concurrency: most calls in the air (64).
        max_rate: calls a second (no limit).
        timeout: seconds for one call (30).
        time_limit: seconds for the sending, None for no limit; what is left then can be resumed, and the reading
            of the lists before and after it ends soon after, too.
        canary: so many changes are sent and read back first, 0 for none.
        verify: whether the lists are read again at the end.
        trust_smaller_list: go on although a list came back much smaller than it was.
        policy: bounds of repeating.
        patience: how long the lists are read again while they don't show every change (`--verify-wait`).
        comment: what the user says of the run, kept in the journal; one line of at most 500 characters.
    """

    dry_run: bool = False
    yes: bool = False
    safeguards: Safeguards = field(default_factory=Safeguards)
    concurrency: int | None = None
    max_rate: float | None = None
    timeout: float | None = None
    time_limit: float | None = None
    canary: int = 0
    verify: bool = True
    trust_smaller_list: bool = False
    policy: RetryPolicy = field(default_factory=RetryPolicy)
    patience: Patience = field(default_factory=Patience)
    comment: str = ""

    def __post_init__(self) -> None:
        """Refuse what cannot be sent by.

        Raises:
            ConfigurationError: it names the argument.
        """
        for name in ("dry_run", "yes", "verify", "trust_smaller_list"):
            of_type(name, getattr(self, name), bool)
        CANARY.check("canary", self.canary)
        for name, bounds in _BOUNDS.items():
            if getattr(self, name) is not None:
                bounds.check(name, getattr(self, name))
        of_type("safeguards", self.safeguards, Safeguards)
        of_type("policy", self.policy, RetryPolicy)
        of_type("patience", self.patience, Patience)
        set_checked(self, comment=_one_line("comment", self.comment))

    @property
    def connections(self) -> int:
        """Most calls in the air, given or usual."""
        return _CONCURRENCY if self.concurrency is None else self.concurrency

    @property
    def answer_timeout(self) -> float:
        """Seconds for one call, given or usual."""
        return _TIMEOUT_S if self.timeout is None else self.timeout


@dataclass(frozen=True, kw_only=True)
class Reporting:
    """Where reports go.

    Attributes:
        paths: the reports that are asked for; rejects go beside the first of them.
        folder: where there are none, a report of a default name goes there, and its rejects; None: nothing is written.
        dialect: of every CSV: `rfc4180` or `excel-fr`; None: the input's where names are the default ones, and of
            rejects; else `rfc4180`.
        label: what stands in default names for the account, where the command is for several; '' where it is for one.
    """

    paths: tuple[Path, ...] = ()
    folder: Path | None = field(default_factory=Path)
    dialect: str | None = None
    label: str = ""

    def __post_init__(self) -> None:
        """Refuse what is no place for a report.

        Raises:
            ConfigurationError: it names the argument.
        """
        set_checked(self, paths=paths("paths", self.paths))
        if self.folder is not None:
            set_checked(self, folder=paths("folder", (self.folder,))[0])
        if self.dialect is not None:
            word("dialect", self.dialect, DIALECT_NAMES)


def asked(
    settings: Settings | None, interface: Interface | None, **values: Source | Sending | Reporting | None
) -> Interface:
    """What a command's work is told to; a wrong argument is refused before anything is done.

    Raises:
        ConfigurationError: it names the argument.
    """
    if settings is not None:
        of_type("settings", settings, Settings)
    for name, value in values.items():
        if value is not None:
            of_type(name, value, _REQUESTS[name])
    if interface is None:
        return Quiet()
    if not all(callable(getattr(interface, name, None)) for name in _METHODS):
        raise wrong("interface", interface, _("an object with the methods of ptx_bulk.Interface"))
    return interface


def _one_line(name: str, value: object) -> str:
    """A text as one line without anything that nobody could see."""
    text = visible(" ".join(of_type(name, value, str).split()))
    if len(text) > _LONGEST_COMMENT:
        raise ConfigurationError(
            _("The argument {name} may have {most} characters, not {count}; shorten it.").format(
                name=name, most=_LONGEST_COMMENT, count=len(text)
            )
        )
    return text


_LONGEST_COMMENT = 500
_METHODS = ("notice", "stage", "waiting", "sending", "ask", "confirm", "choose", "password")
_REQUESTS: dict[str, type] = {"source": Source, "against": Source, "sending": Sending, "reporting": Reporting}

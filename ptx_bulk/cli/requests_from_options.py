"""What the options given on the command line ask for, as requests to the pipeline."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ptx_bulk import eventlog
from ptx_bulk.cli.showing.channel import channel
from ptx_bulk.cli.watching import begin_by_profile
from ptx_bulk.errors import ConfigurationError
from ptx_bulk.i18n import _
from ptx_bulk.model import ListKind

if TYPE_CHECKING:
    from ptx_bulk.pipeline import Reporting, Sending, Source
    from ptx_bulk.settings import Settings
    from ptx_bulk.workbooks import SettledSheet

N = TypeVar("N", int, float, str)


def source(options: dict[str, Any], chosen: Settings) -> Source:
    """The Source that the reading options say; the profile's region stands in for one that is left out."""
    from ptx_bulk.model import Accept
    from ptx_bulk.numbers import region_or_none
    from ptx_bulk.pipeline import Source
    from ptx_bulk.workbooks import Limits, ReadOptions

    reading = ReadOptions(
        columns=tuple(options["columns"]),
        list=options.get("kind") or _profiled_list(chosen),
        list_column=options.get("list_column"),
        country_column=options["country_column"],
        sheets=tuple(options["sheets"]),
        header_row=_header_row(options),
        where=tuple(options.get("where", ())),
        encoding=options["encoding"],
        delimiter=options["delimiter"],
        region=region_or_none(options["region"] or chosen.defaults.region or "FR"),
        region_given=options["region"] is not None,
        hidden_rows=options["hidden_rows"],
        preset=options["preset"],
        settled=_settled(options.get("reading")),
        password_file=options.get("password_file"),
        limits=Limits(memory=options["read_memory"] << 20, seconds=options["read_timeout"]),
    )
    return Source(
        files=tuple(options["files"]),
        reading=reading,
        accept=Accept(options["accept"]),
        save_reading=options.get("save_reading"),
    )


def _profiled_list(chosen: Settings) -> ListKind | None:
    return ListKind(chosen.defaults.list) if chosen.defaults.list else None


def _header_row(options: dict[str, Any]) -> int | None:
    row: int | None = options.get("header_row")
    if not options["no_header"]:
        return row
    if row:
        raise ConfigurationError(
            _("--no-header and --header-row {row} contradict each other; leave one out.").format(row=row)
        )
    return 0


def _settled(path: str | None) -> tuple[SettledSheet, ...]:
    """The sheets of a reading file."""
    from ptx_bulk.workbooks import load_reading

    return () if path is None else load_reading(path)


def numbers_given(numbers: tuple[str, ...]) -> list[str]:
    """The numbers, those of standard input for `-`: there no other user and no history of the shell sees them."""
    if "-" not in numbers:
        return list(numbers)
    read = [line.strip() for line in _stdin().splitlines() if line.strip()]
    return [one for number in numbers for one in (read if number == "-" else [number])]


def _stdin() -> str:
    return "" if sys.stdin is None else sys.stdin.buffer.read().decode("utf-8-sig", "replace")


def sending(options: dict[str, Any], settings: Settings | None = None) -> Sending:
    """The Sending that the writing options say; the profile's values, if any, stand in for what is left out."""
    from ptx_bulk.applying import Patience
    from ptx_bulk.pipeline import Sending
    from ptx_bulk.plan import MaxRemovals, Safeguards

    profile, wait = settings.defaults if settings else None, options.get("verify_wait")
    removals = _given(options.get("max_removals"), profile and profile.max_removals)
    return Sending(
        dry_run=options.get("dry_run", False),
        yes=options.get("yes", False),
        safeguards=Safeguards(
            max_removals=MaxRemovals() if removals is None else MaxRemovals.parse(removals),
            allow_stop_removal=options.get("allow_stop_removal", False),
            reason=options.get("reason", ""),
        ),
        concurrency=_given(options.get("concurrency"), profile and profile.concurrency),
        max_rate=_given(options.get("max_rate"), profile and profile.max_rate),
        timeout=_given(options.get("timeout"), profile and profile.timeout),
        time_limit=options.get("time_limit"),
        canary=_given(options.get("canary"), profile.canary if profile else None) or 0,
        verify=not options.get("no_verify", False),
        patience=Patience() if wait is None else Patience(seconds=wait),
        trust_smaller_list=options.get("trust_smaller_list", False),
        comment=options.get("comment", ""),
    )


def _given(option: N | None, profiled: N | None) -> N | None:
    return profiled if option is None else option


def reporting(options: dict[str, Any], chosen: Settings) -> Reporting:
    """Where the reports go, and in which dialect; the profile's stands in for one that is left out."""
    from pathlib import Path

    from ptx_bulk.pipeline import Reporting

    link = channel()
    return Reporting(
        paths=tuple(Path(path) for path in options["report"]),
        label=link.label if link else "",
        dialect=options["dialect"] or chosen.defaults.dialect,
    )


def dialect_of(options: dict[str, Any], chosen: Settings) -> str:
    """The dialect of a CSV that no input's could be taken for."""
    return options["dialect"] or chosen.defaults.dialect or "rfc4180"


def settings() -> Settings:
    """The settings that the global options and the environment say."""
    from ptx_bulk.settings import load

    state = click.get_current_context().find_root().obj
    chosen = load(base_url=state.get("base_url"), profile=state.get("profile"), sandbox=bool(state.get("sandbox")))
    begin_by_profile(state, chosen.defaults.log_file, chosen.defaults.metrics)
    return chosen


def note_run() -> str:
    """The name of the run that begins, known to the `--json` object whatever becomes of it."""
    from ptx_bulk.journal import new_run_id

    link = channel()
    run_id = (link and link.run_id) or new_run_id()
    click.get_current_context().find_root().obj.update(run_id=run_id)
    eventlog.bind(run_id=run_id)
    return run_id

"""Wrong arguments are refused by name, on every road, before anything is done; a running event loop is no obstacle."""

from __future__ import annotations

import _thread
import asyncio
import math
import threading
import time
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

import ptx_bulk
from ptx_bulk import Accept, ListKind, Mode, pipeline
from ptx_bulk.applying import Pacing, Patience, RetryPolicy
from ptx_bulk.arguments import CONCURRENCY, MAX_RATE, TIME_LIMIT, TIMEOUT
from ptx_bulk.cli.app import cli
from ptx_bulk.errors import ConfigurationError
from ptx_bulk.pipeline import Reporting, Sending, Source
from ptx_bulk.pipeline.steps.awaiting import awaited
from ptx_bulk.plan import MaxRemovals, Safeguards
from ptx_bulk.settings import Profile, load
from ptx_bulk.workbooks import ReadOptions

NO_NUMBERS = ["8", True, None, math.nan, math.inf, -math.inf, -1, 10**400, [8]]


def no_timeouts():
    return [0, 0.0, *NO_NUMBERS]


def given(values):
    """Those that are not "not given"."""
    return [value for value in values if value is not None]


@pytest.mark.parametrize(
    ("make", "name", "values"),
    [
        (Sending, "concurrency", [0, 513, 200_000, 8.0, *given(NO_NUMBERS)]),
        (Sending, "timeout", given(no_timeouts())),
        (Sending, "max_rate", [0, *(value for value in NO_NUMBERS if value is not None)]),
        (Sending, "time_limit", [value for value in NO_NUMBERS if value is not None]),
        (Sending, "canary", [1.5, *NO_NUMBERS]),
        (Sending, "dry_run", [1, "no", None]),
        (Sending, "yes", ["yes", None]),
        (Sending, "safeguards", [None, {}, MaxRemovals()]),
        (Sending, "policy", [None, 3]),
        (Sending, "patience", [None, (0.0,)]),
        (Pacing, "concurrency", [0, -1, 200_000]),
        (Pacing, "max_rate", [0, math.nan, -1]),
        (RetryPolicy, "attempts", [0, 1.5, *NO_NUMBERS]),
        (RetryPolicy, "throttles", [0, *NO_NUMBERS]),
        (RetryPolicy, "initial", NO_NUMBERS),
        (RetryPolicy, "outage_after", NO_NUMBERS),
        (Patience, "seconds", [-1, math.nan, math.inf, "3", None]),
        (MaxRemovals, "count", [1.5, *(value for value in NO_NUMBERS if value is not None)]),
        (MaxRemovals, "percent", [100.1, *(value for value in NO_NUMBERS if value is not None)]),
        (Safeguards, "reason", [None, 3, b"why"]),
        (Safeguards, "allow_stop_removal", ["no", 1, None]),
        (Safeguards, "max_removals", [3, "30%", None]),
        (Reporting, "paths", ["report.csv", Path("report.csv"), [3], None]),
        (Reporting, "folder", ["", 3]),
        (Source, "files", ["stops.csv", (), [], Path("stops.csv"), None, (3,), ("",), b"stops.csv"]),
        (ReadOptions, "columns", ["Mobile", None, (3,)]),
        (ReadOptions, "sheets", ["all", (None,)]),
        (ReadOptions, "region", ["", "XX", "France", 33]),
        (ReadOptions, "header_row", ["no", -1, 1.0, True]),
        (ReadOptions, "list", ["stops", "", 1]),
        (ReadOptions, "where", ["A=B", [1]]),
        (ReadOptions, "settled", [("a",), ({},)]),
        (ReadOptions, "hidden_rows", [None, "ignore"]),
        (ReadOptions, "encoding", [3, "", ()]),
        (ReadOptions, "delimiter", [3, ""]),
        (ReadOptions, "limits", [None, {}]),
        (Profile, "concurrency", [0, 200_000, math.nan]),
        (Profile, "timeout", [0, math.inf]),
    ],
)
def test_a_wrong_value_is_refused_where_it_is_put(make, name, values):
    """Each argument of a value object has its bounds, and what is beyond them is refused by the argument's name."""
    for value in values:
        with pytest.raises(ConfigurationError, match=name):
            make(**{name: value})


@pytest.mark.parametrize("name", ["accept", "reading"])
def test_a_word_that_is_none_is_refused(name):
    """A list, a kind of number or a reading that is none is refused by the argument's name."""
    for value in ("spam", None, 3, Mode.UNDO):
        with pytest.raises(ConfigurationError, match=name):
            Source(files=("stops.csv",), **{name: value})


def test_what_means_the_same_is_taken():
    """Lists, paths and words stand for tuples, texts and members."""
    source = Source(files=[Path("a.csv"), "b.csv"], reading=ReadOptions(list="npai"), accept="any")
    assert source == Source(files=("a.csv", "b.csv"), reading=ReadOptions(list=ListKind.NPAI), accept=Accept.ANY)
    assert Reporting(paths=["a.csv"], folder="out") == Reporting(paths=(Path("a.csv"),), folder=Path("out"))
    assert ReadOptions(columns=["Mobile"], region="be").columns == ("Mobile",)


@pytest.mark.parametrize("connections", [0, -1, 1.5, None, math.nan])
def test_a_client_without_connections_is_refused(connections):
    """A client whose calls would wait for ever is refused by the argument's name."""
    with pytest.raises(ConfigurationError, match="connections"):
        ptx_bulk.Client("key", connections=connections)


SOURCE = Source(files=("nowhere.csv",))


@pytest.fixture
def settings(tmp_path):
    """The settings of a sandbox of the test's own."""
    return load(sandbox=True, env={"PTX_HOME": str(tmp_path / "home")})


@pytest.mark.parametrize("mode", [Mode.UNDO, "undo", "IMPORT", None, 3])
def test_a_mode_that_files_cannot_have_is_refused(settings, mode):
    """`write` and `diff` do what files can ask for; UNDO and unknown words are refused before anything is read."""
    for function in (pipeline.write, pipeline.diff):
        with pytest.raises(ConfigurationError, match="mode"):
            function(mode, SOURCE, Sending(), Reporting(), settings)


def test_a_wrong_argument_of_a_function_is_refused_by_name(settings):
    """Every function of the library refuses arguments of a wrong type or value by name."""
    wrong = [
        ("style", lambda: pipeline.export((ListKind.STOP,), settings, style="roman")),
        ("lists", lambda: pipeline.export("stop", settings)),
        ("lists", lambda: pipeline.export((), settings)),
        ("since", lambda: pipeline.export((ListKind.STOP,), settings, since=3)),
        ("settings", lambda: pipeline.export((ListKind.STOP,), {})),
        ("sending", lambda: pipeline.export((ListKind.STOP,), settings, sending=Reporting())),
        ("interface", lambda: pipeline.export((ListKind.STOP,), settings, interface=print)),
        ("source", lambda: pipeline.write(Mode.IMPORT, "stops.csv", Sending(), Reporting(), settings)),
        ("sending", lambda: pipeline.write(Mode.IMPORT, SOURCE, None or {}, Reporting(), settings)),
        ("reporting", lambda: pipeline.check(SOURCE, "report.csv")),
        ("plan_path", lambda: pipeline.diff(Mode.SYNC, SOURCE, Sending(), Reporting(), settings, plan_path=3)),
        ("plan_path", lambda: pipeline.apply(3, Sending(), Reporting(), settings)),
        ("run_id", lambda: pipeline.undo(3, Sending(), Reporting(), settings)),
        ("run_id", lambda: pipeline.resume(3, Sending(), Reporting(), settings)),
        ("faults", lambda: pipeline.audit(settings, faults=("NOTHING",))),
        ("lists", lambda: pipeline.audit(settings, lists="stop")),
        ("against", lambda: pipeline.audit(settings, against="reference.csv")),
        ("raw", lambda: ptx_bulk.normalise("0612345678")),
        ("accept", lambda: ptx_bulk.normalise(pd.Series(["0612345678"]), accept="all")),
        ("region", lambda: ptx_bulk.normalise(pd.Series(["0612345678"]), region="XX")),
        ("key", lambda: pipeline.probe(settings, "a key")),
    ]
    for name, call in wrong:
        with pytest.raises(ConfigurationError, match=name):
            call()
    assert not list(settings.home.iterdir())


@pytest.mark.parametrize(
    ("option", "bounds"),
    [("--concurrency", CONCURRENCY), ("--max-rate", MAX_RATE), ("--timeout", TIMEOUT), ("--time-limit", TIME_LIMIT)],
)
def test_options_have_the_bounds_of_the_library(option, bounds):
    """What the library refuses, the command line refuses, too, as a mistake in its use."""
    for value in (bounds.lowest - 1, bounds.highest * 2, math.nan, math.inf, "many"):
        done = CliRunner().invoke(cli, ["import", "nowhere.csv", f"{option}={value}"])
        assert done.exit_code == 2, value
        assert option in done.output


def test_a_command_works_inside_a_running_event_loop(settings, tmp_path):
    """In a notebook, whose event loop runs already, every function does what it does elsewhere."""
    path = tmp_path / "stops.csv"
    path.write_text("Mobile\n0612345678\n0612345679\n")

    async def cell():
        source = Source(files=(str(path),))
        reporting = Reporting(folder=tmp_path)
        written = pipeline.write(Mode.IMPORT, source, Sending(canary=1), reporting, settings)
        exported = pipeline.export((ListKind.STOP,), settings)
        undone = pipeline.undo(
            written.summary.run_id, Sending(yes=True, safeguards=Safeguards(reason="trial")), reporting, settings
        )
        return written.summary.counts, exported.frame["phone"].tolist(), undone.summary.counts

    assert asyncio.run(cell()) == ({"applied": 2}, ["+33612345678", "+33612345679"], {"applied": 2})


def test_an_error_inside_a_running_event_loop_is_the_same_error():
    """What a coroutine raises is raised where it is waited for."""

    async def broken():
        raise LookupError("no")

    async def cell():
        return awaited(broken())

    with pytest.raises(LookupError, match="no"):
        asyncio.run(cell())


def test_who_is_interrupted_while_waiting_takes_the_work_along():
    """Ctrl-C in a notebook ends the work that the other thread does, not only the waiting for it."""
    ended = threading.Event()

    async def endless():
        try:
            await asyncio.sleep(600)
        finally:
            ended.set()

    async def cell():
        threading.Timer(0.3, _thread.interrupt_main).start()
        awaited(endless())

    began = time.monotonic()
    # A notebook's loop, unlike `asyncio.run`, lets Ctrl-C be a KeyboardInterrupt.
    with closing(asyncio.new_event_loop()) as loop, pytest.raises(KeyboardInterrupt):
        loop.run_until_complete(cell())
    assert ended.wait(10)
    assert time.monotonic() - began < 60

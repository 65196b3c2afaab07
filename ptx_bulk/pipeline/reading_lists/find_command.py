"""`find`: all that is known of a number, from the lists, their readings and the journal of runs."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from markupsafe import escape

from ptx_bulk.access import SANDBOX_KEY
from ptx_bulk.arguments import of_type
from ptx_bulk.errors import ConfigurationError
from ptx_bulk.i18n import _
from ptx_bulk.journal import Journal, new_run_id
from ptx_bulk.model import Event
from ptx_bulk.pipeline.interface import Interface
from ptx_bulk.pipeline.reading_lists.number_search import NumberSearch, Standing
from ptx_bulk.pipeline.requests import Sending, asked
from ptx_bulk.pipeline.steps.account import opened
from ptx_bulk.pipeline.steps.given_numbers import numbers_of
from ptx_bulk.settings import Settings, api_key


@dataclass(frozen=True, kw_only=True)
class FoundNumber:
    """One number that was asked for: its standing on each list, and its events as rows of `EVENT_COLUMNS`."""

    number: str
    standings: tuple[Standing, ...]
    events: pd.DataFrame

    @property
    def known(self) -> bool:
        """Whether anything is known of it but that it is on no list."""
        return bool((self.events["event"] != Event.NOT_LISTED.value).any())


@dataclass(frozen=True, kw_only=True)
class Found:
    """What is known of the numbers.

    Attributes:
        run_id: names the readings that this left; '' with `offline`.
        numbers: one for each number, in the order asked for.
        frame: all events, a row each, with the columns of `EVENT_COLUMNS`.
        notices: what limits the answer, such as a damaged run.
        accounts: whose lists and runs were looked at (salted hashes).
    """

    run_id: str
    numbers: tuple[FoundNumber, ...]
    frame: pd.DataFrame
    offline: bool
    accounts: tuple[str, ...]
    elapsed_s: float
    notices: tuple[str, ...] = ()

    def _repr_html_(self) -> str:
        if self.frame.empty:
            sentence = escape(_("Nothing is known of these numbers."))
            return f"<p>{sentence}</p>"
        return str(self.frame[["number", "time", "event", "list", "message"]].to_html(index=False))


def find(
    given: Iterable[str],
    settings: Settings,
    *,
    region: str | None = None,
    offline: bool = False,
    sending: Sending | None = None,
    interface: Interface | None = None,
) -> Found:
    """All that is known of these numbers: where they stand, and every event in order; nothing is changed.

    Args:
        given: the numbers in any writing; one text may hold several.
        settings: which account.
        region: the country of numbers written without a country code; default: the profile's, else FR.
        offline: don't read the lists, but tell how they were last read. Without a key, all accounts of the state
            folder are looked at, the sandbox's only where the settings name it.
        sending: timeout, repeating and trust.
        interface: told of the work.

    Raises:
        ConfigurationError: one of them is no phone number (the text names its place), or another argument is wrong.
        RemoteError: a list cannot be read.
        SuspectList: a list shrank too much to be trusted.
    """
    interface, sending = asked(settings, interface, sending=sending), sending or Sending()
    of_type("offline", offline, bool)
    sought = numbers_of(given, region or settings.defaults.region or "FR")
    started = time.time()
    run_id = "" if offline else new_run_id(started)
    with contextlib.ExitStack() as stack:
        if offline:
            journal = stack.enter_context(Journal(settings.home))
            accounts = _accounts(journal, settings)
        else:
            account = stack.enter_context(opened(settings, interface))
            journal, accounts = account.journal, (account.name,)
            with interface.stage(_("Reading the remote lists")):
                account.read_lists(run_id, "find", sending)
        search = NumberSearch(journal, accounts, np.array(sought, dtype="int64"))
        frame = search.events()
    for notice in search.notices:
        interface.notice(notice)
    return Found(
        run_id=run_id,
        numbers=tuple(_one(number, frame, search.standings) for number in sought),
        frame=frame,
        offline=offline,
        accounts=accounts,
        elapsed_s=time.time() - started,
        notices=tuple(search.notices),
    )


def _accounts(journal: Journal, settings: Settings) -> tuple[str, ...]:
    """The account that there is a key for, else all of the state folder but the sandbox's."""
    sandbox = journal.account(SANDBOX_KEY, "sandbox")
    if settings.sandbox:
        return (sandbox,)
    with contextlib.suppress(ConfigurationError):
        return (journal.account(api_key(settings).reveal(), settings.base_url),)
    return tuple(name for name in journal.account_names() if name != sandbox)


def _one(number: int, frame: pd.DataFrame, standings: list[tuple[int, Standing]]) -> FoundNumber:
    text = f"+{number}"
    return FoundNumber(
        number=text,
        standings=tuple(standing for of, standing in standings if of == number),
        events=frame[(frame["number"] == text).to_numpy()].reset_index(drop=True),
    )

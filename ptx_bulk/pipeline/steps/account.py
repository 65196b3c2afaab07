"""The account that a command works on: its API (live or sandbox), its name in the journal, its lists."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from ptx_bulk.access import SANDBOX_KEY, SANDBOX_URL
from ptx_bulk.applying import fetch
from ptx_bulk.errors import ConfigurationError, RemoteError, SafetyRefusal, SuspectList, TimeLimitReached
from ptx_bulk.i18n import _, ngettext
from ptx_bulk.journal import Journal, Lock, RunRecord, RunState
from ptx_bulk.model import ListKind
from ptx_bulk.pipeline.interface import Interface, Quiet
from ptx_bulk.pipeline.requests import Sending
from ptx_bulk.pipeline.steps.awaiting import awaited
from ptx_bulk.pipeline.steps.retention import keep_no_longer
from ptx_bulk.remote import Client, check_base_url
from ptx_bulk.settings import Settings, api_key
from ptx_bulk.snapshot import Snapshot
from ptx_bulk.system.memory import give_back
from ptx_bulk.system.scratch import sweep

_SHRUNK_SHARE = 0.2
_SHRUNK_COUNT = 10
_PROBE_TIMEOUT_S = 3.0
_SANDBOX = "sandbox.sqlite3"
_LOOK_S = 15.0  # so long after the time limit the lists may take, since nothing can be sent or told without them


@dataclass(frozen=True, kw_only=True)
class Account:
    """An account as a command sees it.

    Attributes:
        journal: the state folder's journal.
        name: the account's salted hash.
        base_url: where its API is, or `sandbox`, or `sandbox of PROFILE` where that profile has one of its own.
    """

    settings: Settings
    journal: Journal
    name: str
    base_url: str
    key: str = field(repr=False)

    def client(self, *, timeout: float = 30.0, connections: int = 64) -> Client:
        """A client for the account's API, to be entered."""
        if self.settings.sandbox:
            return sandbox_client(_own_sandbox(self.settings) or self.settings.home / _SANDBOX, timeout=timeout)
        return Client(self.key, base_url=self.base_url, timeout=timeout, connections=connections)

    def reserved(self, lists: Iterable[ListKind], run_id: str, *, dry_run: bool) -> AbstractContextManager[object]:
        """While it is entered no other run changes these lists; a dry run changes nothing and keeps nobody waiting.

        Raises:
            RunInProgress: another run works on one of them.
        """
        return nullcontext() if dry_run else Lock(self.settings.home, self.name, lists, run_id)

    def read_lists(self, run_id: str, moment: str, sending: Sending) -> dict[ListKind, Snapshot]:
        """Read both lists and keep them as snapshots of that run, taken at that moment of it.

        Raises:
            RemoteError: a list cannot be read.
            TimeLimitReached: `time_limit` was over before they were.
            SuspectList: a list is much smaller than when it was last seen, and is not to be trusted so.
        """

        async def both() -> list[Snapshot]:
            async with self.client(timeout=sending.answer_timeout) as client:
                return await asyncio.gather(*(fetch(client, kind, sending.policy) for kind in ListKind))

        async def in_time() -> list[Snapshot]:
            limit = None if sending.time_limit is None else sending.time_limit + _LOOK_S
            try:
                async with asyncio.timeout(limit):
                    return await both()
            except TimeoutError:
                raise TimeLimitReached(
                    _(
                        "The lists could not be read within the time limit of {seconds:g} seconds; nothing was sent. "
                        "Try again later."
                    ).format(seconds=sending.time_limit)
                ) from None

        snapshots = {snapshot.kind: snapshot for snapshot in awaited(in_time())}
        for snapshot in snapshots.values():
            if not sending.trust_smaller_list:
                self._check_size(snapshot)
        for snapshot in snapshots.values():
            self.journal.add_snapshot(self.name, run_id, moment, snapshot)
            give_back()
        return snapshots

    def keep(self, run_id: str, moment: str, snapshot: Snapshot) -> None:
        """Keep a list as a snapshot unless it is suspiciously small: later ones are measured by it."""
        give_back()  # the reading of a long list leaves much behind, and its keeping takes much for a moment
        with contextlib.suppress(SuspectList):
            self._check_size(snapshot)
            self.journal.add_snapshot(self.name, run_id, moment, snapshot)
        give_back()

    def answer_seconds(self) -> float | None:
        """How long the API takes for a small call on an open connection; None where it does not tell."""

        async def second_call() -> float:
            async with self.client(timeout=_PROBE_TIMEOUT_S) as client:
                await client.account()
                began = time.monotonic()
                await client.account()
                return time.monotonic() - began

        try:
            return awaited(asyncio.wait_for(second_call(), 2 * _PROBE_TIMEOUT_S))
        except (RemoteError, TimeoutError):
            return None

    def _check_size(self, snapshot: Snapshot) -> None:
        last = self.journal.latest_snapshot(self.name, snapshot.kind)
        if last is None:
            return
        expected = last.entries - self.journal.removals_since(self.name, last)
        missing = expected - len(snapshot)
        if missing >= _SHRUNK_COUNT and missing > expected * _SHRUNK_SHARE:
            raise SuspectList(
                ngettext(
                    "The {list} list came back with {now} number; on {date} it had {before}. A list that shrinks so "
                    "much is not trusted, and nothing was sent. If it is right, add --trust-smaller-list.",
                    "The {list} list came back with {now} numbers; on {date} it had {before}. A list that shrinks so "
                    "much is not trusted, and nothing was sent. If it is right, add --trust-smaller-list.",
                    len(snapshot),
                ).format(
                    list=snapshot.kind.name,
                    now=len(snapshot),
                    before=expected,
                    date=time.strftime("%Y-%m-%d %H:%M", time.localtime(last.taken_at)),
                )
            )


def give_sandbox(settings: Settings) -> None:
    """Let the profile have a simulator of its own from here on: several accounts share none.

    Raises:
        ConfigurationError: its file cannot be made.
    """
    path = _sandbox_of(settings)
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.touch(mode=0o600)
    except OSError as error:
        raise ConfigurationError(
            _("The sandbox's state file {path} cannot be used ({reason}); name another one.").format(
                path=path, reason=error.strerror
            )
        ) from error


def _sandbox_of(settings: Settings) -> Path:
    name = hashlib.sha256((settings.profile or "").encode()).hexdigest()[:12]  # whatever letters the name has
    return settings.home / "sandboxes" / f"{name}.sqlite3"


def _own_sandbox(settings: Settings) -> Path | None:
    path = _sandbox_of(settings)
    return path if settings.profile and path.exists() else None


def sandbox_client(state: Path | None, *, timeout: float) -> Client:
    """A client of the simulator in this process; `state` is its file, None for one in memory."""
    from ptx_bulk import sandbox  # noqa: PLC0415 - Starlette is loaded only where it is used

    app = sandbox.create_app(state, key=SANDBOX_KEY)
    return Client(SANDBOX_KEY, base_url=SANDBOX_URL, timeout=timeout, transport=sandbox.transport(app))


@contextlib.contextmanager
def opened(settings: Settings, interface: Interface | None = None, *, keeping: bool = False) -> Iterator[Account]:
    """The account that the settings name; its journal is closed with the context.

    Whatever the command does next, what killed ones left in the folder of temporary files is deleted first.

    Args:
        settings: which account.
        interface: told of runs that no account can be matched with any more, and of what is kept no longer.
        keeping: when the command has come to its end, forget what is older than the profile keeps.

    Raises:
        ConfigurationError: there is no key, or the base URL is refused.
        JournalError: the journal cannot be opened.
    """
    if settings.sandbox:
        own = _own_sandbox(settings)
        key, base_url = SANDBOX_KEY, f"sandbox of {settings.profile}" if own else "sandbox"
    else:
        base_url = check_base_url(settings.base_url)
        key = api_key(settings).reveal()
    sweep()
    with Journal(settings.home) as journal:
        name = journal.account(key, base_url)
        if interface is not None and (lost := journal.salt_lost()):
            interface.notice(lost)
        yield Account(settings=settings, journal=journal, name=name, base_url=base_url, key=key)
        if keeping:
            keep_no_longer(settings, journal, name, interface or Quiet())


def undone_by(run: RunRecord, account: Account) -> str:
    """The run that took this one back, '' when none did."""
    for other in account.journal.runs():
        if other.parent == run.run_id and other.state is not RunState.REFUSED:
            return other.run_id
    return ""


def check_mine(run: RunRecord, account: Account) -> None:
    """Raise SafetyRefusal when the run belongs to another account."""
    if run.account != account.name:
        raise SafetyRefusal(
            _(
                "Run {run_id} belongs to another account or address ({url}); nothing was sent. Use that account's key."
            ).format(run_id=run.run_id, url=run.base_url)
        )

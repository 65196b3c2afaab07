"""`erase`: takes numbers out of the state folder; the lists stay as they are."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace

from ptx_bulk.errors import NotConfirmed
from ptx_bulk.i18n import _, ngettext
from ptx_bulk.journal import Erased, Journal, Lock
from ptx_bulk.journal import erase as erase_from
from ptx_bulk.model import ListKind
from ptx_bulk.numbers import Writings
from ptx_bulk.pipeline.interface import Interface
from ptx_bulk.pipeline.requests import asked
from ptx_bulk.pipeline.steps.from_files import rejects_readings
from ptx_bulk.pipeline.steps.given_numbers import numbers_of
from ptx_bulk.settings import Settings


def erase(
    written: Sequence[str],
    settings: Settings,
    interface: Interface | None = None,
    *,
    region: str | None = None,
    yes: bool = False,
    dry_run: bool = False,
) -> Erased:
    """Take numbers out of every run, snapshot and saved reading of the state folder, whichever account they are of.

    Lines and changes stay, without number and raw value, so that counts and codes still are what they were. The lists
    are not touched, and neither are reports, exports, plans and logs.

    Args:
        written: the numbers, in any writing.
        settings: which state folder.
        interface: asked whether to go on.
        region: country of numbers written without a country code; default: the profile's, else FR.
        yes: go on without asking.
        dry_run: only tell what would be erased.

    Raises:
        ConfigurationError: a number cannot be read.
        NotConfirmed: nobody said yes.
        SafetyRefusal: a run is at work, or an unfinished one needs a number.
        DamagedRun: something stored cannot be read, so that nobody knows what it holds.
    """
    interface = asked(settings, interface)
    wanted = Writings(numbers_of(written, region or settings.defaults.region or "FR"))
    with Journal(settings.home) as journal, contextlib.ExitStack() as held:
        for account in sorted({run.account for run in journal.runs() if run.account}):
            held.enter_context(Lock(settings.home, account, tuple(ListKind), "erase"))
        if not (yes or dry_run):
            _confirm(erase_from(journal, wanted, dry_run=True), interface)
        with interface.stage(_("Erasing")):
            erased = erase_from(journal, wanted, dry_run=dry_run)
            return replace(erased, readings=rejects_readings.erase(wanted, dry_run=dry_run))


def _confirm(found: Erased, interface: Interface) -> None:
    if not interface.interactive:
        raise NotConfirmed(_("Erasing cannot be taken back, and nobody is there to confirm it; add --yes."))
    question = ngettext(
        "{runs} run holds the number. Erase it from it? This cannot be taken back.",
        "{runs} runs hold the number. Erase it from them? This cannot be taken back.",
        len(found.runs),
    )
    if not interface.confirm(question.format(runs=len(found.runs))):
        raise NotConfirmed(_("Nothing was erased."))

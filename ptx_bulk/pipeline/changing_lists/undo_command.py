"""`undo`: takes back what a run applied, on the road of every run."""

from __future__ import annotations

import time
from dataclasses import replace

from ptx_bulk.arguments import of_type
from ptx_bulk.i18n import _, ngettext
from ptx_bulk.journal import RunRecord, new_run_id
from ptx_bulk.pipeline.interface import Interface
from ptx_bulk.pipeline.requests import Reporting, Sending, asked
from ptx_bulk.pipeline.result import Result
from ptx_bulk.pipeline.steps.account import Account, check_mine, opened
from ptx_bulk.pipeline.steps.carrying_out import carry_out
from ptx_bulk.pipeline.steps.finishing import check_report_paths
from ptx_bulk.pipeline.steps.preparing import Prepared
from ptx_bulk.pipeline.steps.sending.settling import not_erased, settled, with_outcomes
from ptx_bulk.plan import invert
from ptx_bulk.reports import dialect_stored
from ptx_bulk.settings import Settings

_GONE = "gone"  # the id of no entry


def undo(
    run_id: str,
    sending: Sending,
    reporting: Reporting,
    settings: Settings,
    interface: Interface | None = None,
    *,
    own_id: str = "",
) -> Result:
    """Take back what a run applied, where the lists still are as it left them; this is a run itself, named `own_id`.

    Where nobody is asked (no terminal, or `sending.yes`), `run_id` must be the whole name, else 8 characters of its
    beginning will do.

    Raises:
        NoSuchRun: there is no such run.
        SafetyRefusal: it belongs to another account.
    """
    interface = asked(settings, interface, sending=sending, reporting=reporting)
    of_type("run_id", run_id, str)
    check_report_paths(reporting)
    sending = replace(sending, safeguards=replace(sending.safeguards, undo_of_import=True))
    with opened(settings, interface, keeping=not sending.dry_run) as account:
        asking = interface.interactive and not sending.yes
        run = account.journal.run(run_id, whole=not asking)
        check_mine(run, account)
        if asking:
            interface.notice(
                _("This takes back run {run_id} ({command}).").format(run_id=run.run_id, command=run.command)
            )
        own_id = own_id or new_run_id()
        with account.reserved(run.lists, own_id, dry_run=sending.dry_run):
            prepared = _prepare_inverse(run, own_id, account, sending, interface)
            return carry_out(prepared, sending, reporting, interface, run.options)


def _prepare_inverse(run: RunRecord, own_id: str, account: Account, sending: Sending, interface: Interface) -> Prepared:
    """The plan that takes the run back, by the lists as they are now."""
    started, journal = time.time(), account.journal
    with interface.stage(_("Reading the remote lists")):
        snapshots = account.read_lists(own_id, "before", sending)
    whole = journal.changes(run.run_id)
    changes = not_erased(whole)
    # A run that was cut off may have made changes that it could not note any more: they are its own, too.
    found = settled(run, journal, changes, snapshots)
    if found.made and not sending.dry_run:
        journal.resettle(run.run_id, found.made)
    outcomes = with_outcomes(journal.outcomes(run.run_id), found.made)
    # Where the API told no id, an entry is known by its number alone, but not once a later run has removed it.
    gone = (outcomes["seq"].isin(found.undone) & (outcomes["remote_id"] == "")).to_numpy()
    outcomes["remote_id"] = outcomes["remote_id"].mask(gone, _GONE)
    lines = journal.lines(run.run_id)
    lines = lines[~lines["seq"].isin(set(whole["seq"]) - set(changes["seq"])).to_numpy()].reset_index(drop=True)
    return Prepared(
        run_id=own_id,
        command="undo",
        account=account,
        plan=invert(lines, changes, outcomes, snapshots),
        intake=None,
        snapshots=snapshots,
        started=started,
        notices=_erased_notices(len(whole) - len(changes)),
        files=tuple(file.path for file in journal.inputs(run.run_id)),
        parent=run.run_id,
        dialect=dialect_stored(run.options.get("dialect")),
    )


def _erased_notices(erased: int) -> tuple[str, ...]:
    if not erased:
        return ()
    return (
        ngettext(
            "{count} change of the run cannot be taken back, since its number was erased.",
            "{count} changes of the run cannot be taken back, since their numbers were erased.",
            erased,
        ).format(count=erased),
    )

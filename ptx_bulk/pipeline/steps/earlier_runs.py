"""What an earlier run allows: whose it is, and whether it was taken back."""

from __future__ import annotations

from ptx_bulk.errors import SafetyRefusal
from ptx_bulk.i18n import _
from ptx_bulk.journal import RunRecord, RunState
from ptx_bulk.pipeline.steps.account import Account


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

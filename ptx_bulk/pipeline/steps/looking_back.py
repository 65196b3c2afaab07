"""What a list was at an earlier moment, by the snapshots that runs left."""

from __future__ import annotations

import math
import re
import time
from datetime import datetime

from ptx_bulk.errors import ConfigurationError
from ptx_bulk.i18n import _
from ptx_bulk.journal import LEAST_OF_A_NAME, SnapshotRecord
from ptx_bulk.model import ListKind
from ptx_bulk.pipeline.steps.account import Account

_LIKE_A_RUN = re.compile("[0-9]{8}-")  # which Python would take for a day and, after any separator, a time
_DAY_S = 86_400  # zones may be that far apart, nearly
_MIDDLE_YEAR = 2000


def snapshot_at(account: Account, kind: ListKind, since: str) -> SnapshotRecord:
    """The snapshot of a list from then: the latest of a run, or the latest that is no younger than a date.

    Args:
        account: whose snapshots.
        kind: the list.
        since: a run (its name, or 8 characters or more of its beginning) or an ISO date, which comes first.

    Raises:
        ConfigurationError: it is neither, or no snapshot is as old.
    """
    shots = account.journal.snapshots(account.name, kind)
    of_run = [shot for shot in shots if shot.run_id == since]
    if of_run:
        return of_run[0]  # the latest of that run: what came after it is new
    if _LIKE_A_RUN.match(since):
        return _snapshot_of(shots, since)
    try:
        moment = datetime.fromisoformat(since)
    except ValueError:
        return _snapshot_of(shots, since)
    limit = _begin(since, moment)
    for shot in shots:
        if shot.taken_at <= limit:
            return shot
    raise ConfigurationError(
        _("No snapshot of the {list} list is as old as {since}; snapshots are kept from the first run on.").format(
            list=kind.name, since=since
        )
    )


def _begin(since: str, moment: datetime) -> float:
    """The date as Unix time; nothing can have happened since a day to come, so that one is a slip."""
    try:
        begin = (moment if moment.tzinfo else moment.astimezone()).timestamp()
    except (OverflowError, ValueError):  # a year that has no such time in this zone
        begin = -math.inf if moment.year < _MIDDLE_YEAR else math.inf
    if begin > time.time() + _DAY_S:
        raise ConfigurationError(_("--since {since} is in the future; give a date that has been.").format(since=since))
    return begin


def _snapshot_of(shots: list[SnapshotRecord], name: str) -> SnapshotRecord:
    """The latest snapshot of the only run that begins with this name."""
    alike = [shot for shot in shots if len(name) >= LEAST_OF_A_NAME and shot.run_id.startswith(name)]
    if len({shot.run_id for shot in alike}) > 1:
        raise ConfigurationError(_('Several runs begin with "{run_id}"; give more of it.').format(run_id=name))
    if not alike:
        raise ConfigurationError(
            _('--since "{since}" is neither a run with a snapshot nor a date such as 2026-01-31.').format(since=name)
        )
    return alike[0]

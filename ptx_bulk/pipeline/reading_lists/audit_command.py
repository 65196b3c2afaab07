"""`audit`: the remote lists' own faults, and numbers that a reference has on the other list."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ptx_bulk.arguments import several_of
from ptx_bulk.errors import ConfigurationError
from ptx_bulk.i18n import Quantity, _, ngettext
from ptx_bulk.journal import new_run_id
from ptx_bulk.model import Code, ListKind
from ptx_bulk.pipeline.interface import Interface
from ptx_bulk.pipeline.reading_lists.list_faults import Fault, find_faults
from ptx_bulk.pipeline.requests import Sending, Source, asked
from ptx_bulk.pipeline.result import counts_html
from ptx_bulk.pipeline.steps.account import opened
from ptx_bulk.pipeline.steps.from_files.intake import read_input
from ptx_bulk.settings import Settings

_Int64s = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Audit:
    """What an audit found.

    Attributes:
        frame: a row a fault, as `find_faults` tells them.
        counts: rows for each fault that was looked for.
        sizes: live entries of each list.
    """

    run_id: str
    frame: pd.DataFrame
    counts: Mapping[Fault, int]
    sizes: Mapping[ListKind, int]
    elapsed_s: float

    def _repr_html_(self) -> str:
        sizes = ", ".join(f"{kind.name} {Quantity(size):,}" for kind, size in self.sizes.items())
        return counts_html(
            _("Faults of the lists ({sizes})").format(sizes=sizes), {str(fault): n for fault, n in self.counts.items()}
        )


def audit(
    settings: Settings,
    *,
    faults: tuple[Fault, ...] = (),
    lists: tuple[ListKind, ...] = tuple(ListKind),
    against: Source | None = None,
    sending: Sending | None = None,
    interface: Interface | None = None,
) -> Audit:
    """Read both lists and tell their faults; nothing is changed.

    Args:
        settings: which account.
        faults: those to look for; none means all, MISPLACED only with a reference.
        lists: where the entries are that are told; ON_BOTH_LISTS is told in any case.
        against: files that say which number belongs on which list.
        sending: timeout, repeating and trust.
        interface: told of the work.

    Raises:
        ConfigurationError: an argument is wrong (the text names it), or MISPLACED is asked for without a reference.
        InputError: a file of the reference cannot be read.
        RemoteError: a list cannot be read.
        SuspectList: a list shrank too much to be trusted.
    """
    interface = asked(settings, interface, sending=sending, against=against)
    lists = several_of("lists", lists, ListKind)
    faults = several_of("faults", faults, Fault) if faults != () else ()
    if Fault.MISPLACED in faults and against is None:
        raise ConfigurationError(_("MISPLACED numbers are found by comparing: name a reference file with --against."))
    sending, started = sending or Sending(), time.time()
    run_id = new_run_id(started)
    with opened(settings, interface) as account:
        wanted = _reference(against, interface) if against is not None else {}
        with interface.stage(_("Reading the remote lists")):
            snapshots = account.read_lists(run_id, "audit", sending)
    found = find_faults(snapshots, wanted)
    looked_for = faults or tuple(fault for fault in Fault if fault is not Fault.MISPLACED or against is not None)
    here = found["list"].isin(lists) | (found["fault"] == Fault.ON_BOTH_LISTS)
    found = found[found["fault"].isin(looked_for) & here].reset_index(drop=True)
    return Audit(
        run_id=run_id,
        frame=found,
        counts={fault: int((found["fault"] == fault).sum()) for fault in looked_for},
        sizes={kind: len(snapshots[kind]) for kind in ListKind},
        elapsed_s=time.time() - started,
    )


def _reference(source: Source, interface: Interface) -> dict[ListKind, _Int64s]:
    """The numbers of each list in the reference; each is sorted."""
    with read_input(source, interface) as intake:
        lines = intake.lines
        number = lines["number"].to_numpy()
        rejected = int(((number == 0) & (lines["code"].astype("str") != Code.EMPTY.value).to_numpy()).sum())
        if rejected:
            interface.notice(
                ngettext(
                    "{count} value of the reference is not a certain number and is left out; see ptx-bulk check.",
                    "{count} values of the reference are not certain numbers and are left out; see ptx-bulk check.",
                    rejected,
                ).format(count=rejected)
            )
        return {kind: np.unique(number[(number > 0) & (lines["list"] == kind.value).to_numpy()]) for kind in ListKind}

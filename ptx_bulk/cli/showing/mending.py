"""The faults of an audit for people: what each means, its first lines, and the commands that mend it."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import pandas as pd

from ptx_bulk.cli.showing.output import command_line
from ptx_bulk.i18n import Quantity, _
from ptx_bulk.model import ListKind, Mode
from ptx_bulk.pipeline import FAULT_SENTENCES, Audit, Fault, MendingStep, mended_list_by_list, mending_steps

_READABLE = frozenset({".csv", ".xlsx", ".parquet"})
_SHOWN = 5
_WIDTH = 100


@dataclass(frozen=True, kw_only=True)
class Call:
    """How the audit was called, so that what follows is called alike.

    Attributes:
        account: global options that choose the account.
        reference: `--against` and the options for reading it.
        faults, lists: what the audit was narrowed to.
        output: the file it writes, None for none.
    """

    account: tuple[str, ...] = ()
    reference: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    lists: tuple[ListKind, ...] = tuple(ListKind)
    output: str | None = None


def commands(fault: Fault, kind: ListKind, call: Call, *, suggested: bool) -> tuple[str, ...]:
    """The commands to run one after the other for lines with this fault on this list; none where leaving is right.

    `suggested` says whether such a line has a suggestion.
    """
    steps = mending_steps(fault, kind, suggested=suggested)
    if not steps:
        return ()
    lines: list[list[str]] = []
    file = call.output
    if file is None or not _is_alone(fault, kind, call):
        file = f"{fault.lower().replace('_', '-')}.csv"
        lines.append(_audit(fault, kind, call, file))
    lines += (_words(step, file) for step in steps)
    return tuple(_program(call, words) for words in lines)


def _words(step: MendingStep, file: str) -> list[str]:
    words = [step.mode.value, file]
    words += ["--column", step.column] if step.column else []
    words += ["--list-column", step.list_column] if step.list_column else []
    return [*words, "--accept", "any", *(["--yes"] if step.mode is Mode.REMOVE else [])]


def _is_alone(fault: Fault, kind: ListKind, call: Call) -> bool:
    """Whether the file that the audit writes holds this fault and nothing else, and can be read again."""
    narrow = call.faults == (fault,) and (not mended_list_by_list(fault) or call.lists == (kind,))
    return narrow and PurePath(call.output or "").suffix.lower() in _READABLE


def _audit(fault: Fault, kind: ListKind, call: Call, file: str) -> list[str]:
    words = ["audit", "--fault", fault.value, "-o", file]
    if mended_list_by_list(fault):
        words[3:3] = ["--on", kind.value]
    return [*words, *(call.reference if fault is Fault.MISPLACED else ())]


def _program(call: Call, words: Sequence[str]) -> str:
    return command_line(["ptx-bulk", *call.account, *words])


def with_mending(faults: pd.DataFrame, call: Call) -> pd.DataFrame:
    """The lines with `mend`: the commands for each of them joined by ` && `, '' where leaving is right."""
    suggested = faults["suggestion"] != ""
    mend = pd.Series("", index=faults.index, dtype="str")
    for fault, kind, has_one in itertools.product(Fault, ListKind, (False, True)):
        rows = (faults["fault"] == fault.value) & (faults["list"] == kind.value) & (suggested == has_one)
        mend[rows] = " && ".join(commands(fault, kind, call, suggested=has_one))
    lines = faults.assign(mend=mend)
    return lines[[*(name for name in faults.columns if name != "code"), "mend", "code"]]


def fault_table(audit: Audit, call: Call) -> list[str]:
    """The audit in lines of text: sizes, counts by fault, then each fault with its first lines and what mends it."""
    sizes = ", ".join(f"{kind.name} {Quantity(audit.sizes[kind]):,}" for kind in ListKind)
    lines = [_("Entries on the lists: {sizes}.").format(sizes=sizes)]
    lines += [f"  {n:>9,}  {fault}" for fault, n in audit.counts.items()]
    if not len(audit.frame):
        return [*lines, _("No faults were found.")]
    for fault, n in audit.counts.items():
        if n:
            lines += ["", *_section(fault, audit.frame[(audit.frame["fault"] == fault).to_numpy()], call)]
    return lines


def _section(fault: Fault, faults: pd.DataFrame, call: Call) -> list[str]:
    lines = [f"{fault} ({Quantity(len(faults)):,})"]
    lines += textwrap.wrap(_(FAULT_SENTENCES[fault]), _WIDTH, initial_indent="  ", subsequent_indent="  ")
    lines += [f"    {_described(line)}" for line in faults.head(_SHOWN).to_dict("records")]
    if len(faults) > _SHOWN:
        lines.append(
            "    " + _("... and {count:,} more; -o FILE writes them all.").format(count=Quantity(len(faults) - _SHOWN))
        )
    steps: dict[str, None] = {}
    for kind in ListKind:
        mine = faults[(faults["list"] == kind.value).to_numpy()]
        if len(mine):
            found = commands(fault, kind, call, suggested=bool((mine["suggestion"] != "").any()))
            steps.update(dict.fromkeys(found))
    return [*lines, "  " + _("To mend:"), *(f"    {step}" for step in steps)] if steps else lines


def _described(line: Mapping[Any, Any]) -> str:
    name = line["phone"] or line["identifiers"] or _("(empty)")
    parts = [f"{line['list']:<4}", name]
    if line["identifiers"] not in ("", name):
        parts.append(_("written {identifiers}").format(identifiers=line["identifiers"]))
    if line["suggestion"]:
        parts.append(f"-> {line['suggestion']}")
    if line["stopped_at"]:
        parts.append(_("since {date}").format(date=line["stopped_at"]))
    return "  ".join(filter(None, [*parts, line["code"]]))

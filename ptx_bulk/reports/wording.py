"""The sentences that the summary of a workbook and the HTML report share."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ptx_bulk.i18n import _, grouped, ngettext
from ptx_bulk.model import Action, Code, Status
from ptx_bulk.reports.summary import Summary
from ptx_bulk.sentences import CODE_SENTENCES


def headline(summary: Summary, lines: pd.DataFrame) -> str:
    """The run in one sentence of plain words; `lines` tells additions from removals."""
    parts = [*_changes(lines), *(_part(status, summary.counts.get(status, 0)) for status in Status)]
    said = [part for part in parts if part]
    if not said:
        return _("There was nothing to do.")
    names = {"stop": "STOP", "npai": "NPAI", "both": _("STOP and NPAI")}
    joined = _("; ").join(said)
    if summary.list in names:
        return _("{list} list: {what}.").format(list=names[summary.list], what=joined)
    return _("{what}.").format(what=joined[:1].upper() + joined[1:])


def _changes(lines: pd.DataFrame) -> list[str]:
    counts = lines.groupby(["status", "action"], observed=True).size().to_dict()

    def count(status: Status, action: Action) -> int:
        return int(counts.get((status.value, action.value), 0))

    added, removed = count(Status.APPLIED, Action.ADD), count(Status.APPLIED, Action.REMOVE)
    to_add, to_remove = count(Status.PLANNED, Action.ADD), count(Status.PLANNED, Action.REMOVE)
    phrases = [
        (added, ngettext("{n} number was added", "{n} numbers were added", added)),
        (removed, ngettext("{n} number was removed", "{n} numbers were removed", removed)),
        (to_add, ngettext("{n} number would be added", "{n} numbers would be added", to_add)),
        (to_remove, ngettext("{n} number would be removed", "{n} numbers would be removed", to_remove)),
    ]
    return [phrase.format(n=grouped(n)) for n, phrase in phrases if n]


def _part(status: Status, n: int) -> str:
    if not n or status in {Status.APPLIED, Status.PLANNED}:
        return ""
    phrase = {
        Status.VALID: ngettext("{n} number is valid", "{n} numbers are valid", n),
        Status.UNCHANGED: ngettext("{n} line needs no change", "{n} lines need no change", n),
        Status.REJECTED: ngettext("{n} line cannot be used", "{n} lines cannot be used", n),
        Status.FAILED: ngettext("the API refused {n} number", "the API refused {n} numbers", n),
        Status.UNKNOWN: ngettext("the outcome of {n} number is unknown", "the outcome of {n} numbers is unknown", n),
        Status.NOT_ATTEMPTED: ngettext("{n} number was not sent", "{n} numbers were not sent", n),
    }[status]
    return phrase.format(n=grouped(n))


def facts(summary: Summary) -> list[tuple[str, str]]:
    """Label and value of what is worth knowing about the run; what is not known is left out."""
    rows = [
        (_("Run"), summary.run_id),
        (_("Command"), _("{command} (nothing was sent)").format(command=summary.command))
        if summary.dry_run
        else (_("Command"), summary.command),
        (_("Profile"), summary.profile),
        (_("Account"), summary.account),
        (_("Started"), summary.started_at),
        (_("Seconds"), f"{summary.elapsed_s:.1f}"),
        (_("Files"), ", ".join(summary.files)),
        (_("Rows read"), grouped(summary.rows)),
        (_("Blank rows"), grouped(summary.blank)),
        (_("Rows left out"), grouped(summary.excluded) if summary.excluded else ""),
        *((_("Meaning of the file"), sentence) for sentence in summary.reading_sentences),
        (_("On the list before"), "" if summary.before is None else grouped(summary.before)),
        (_("On the list after"), "" if summary.after is None else grouped(summary.after)),
        (
            _("Read back and confirmed"),
            grouped(summary.verified["yes"]) if summary.verified.get("yes") else "",
        ),
        (
            _("Read back and not as expected"),
            grouped(summary.verified["no"]) if summary.verified.get("no") else "",
        ),
        (_("Removals of what earlier runs put on STOP"), _some(summary.origin.get("ours", 0))),
        (_("Removals of what came on STOP by itself"), _some(summary.origin.get("theirs", 0))),
        (_("Reason for removals"), summary.reason),
        (_("By"), summary.actor),
        (_("Comment"), summary.comment),
        (_("Program"), f"ptx-bulk {summary.version}" if summary.version else ""),
        (_("Numbering data"), f"phonenumbers {summary.metadata_version}" if summary.metadata_version else ""),
    ]
    return [(label, value) for label, value in rows if value]


def _some(count: int) -> str:
    return grouped(count) if count else ""


def ranked(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Names with their counts, the largest first, equal ones by name."""
    return sorted(((str(name), n) for name, n in counts.items()), key=lambda item: (-item[1], item[0]))


def sentence(code: str) -> str:
    """What a code means, a sentence for each part of a joined one; empty for one that is not ours."""
    return " ".join(_(CODE_SENTENCES[Code(part)]) for part in code.split("+") if part in Code.__members__)

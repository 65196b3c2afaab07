"""What comes back from a command that judges or changes numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd
from markupsafe import Markup

from ptx_bulk.errors import PtxError, SafetyRefusal
from ptx_bulk.i18n import _, grouped
from ptx_bulk.model import Code, Status
from ptx_bulk.plan import refused
from ptx_bulk.reports import Summary
from ptx_bulk.sentences import CODE_SENTENCES, STATUS_SENTENCES


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a command came to.

    Attributes:
        summary: the run in numbers; `summary.as_json()` is what `--json` prints.
        frame: one row for each phone value, with the columns of `model.RESULT_COLUMNS`.
        notices: what the user should know.
        error: what ended the run early, None when it came to its end.
        rejects: the files with the rows that were not taken, to be mended and given again.
        refusal: of a dry run, why the real one would be refused with these safeguards; None where it would not.
    """

    summary: Summary
    frame: pd.DataFrame
    notices: tuple[str, ...] = ()
    error: PtxError | None = None
    rejects: tuple[str, ...] = ()
    refusal: SafetyRefusal | None = None

    @property
    def mendable(self) -> bool:
        """Whether a person can mend a row; what failed is for `resume`."""
        return bool(refused(self.frame).any())

    @property
    def exit_code(self) -> int:
        """What the command line ends with."""
        return self.summary.exit_code

    def _repr_html_(self) -> str:
        return summary_html(self.summary)


_ROW = Markup("<tr><th>{}</th><td style='text-align:right'>{}</td><td style='text-align:left'>{}</td></tr>")
_TABLE = Markup("<p>{}</p><table><tbody>{}</tbody></table>")


def counts_table(sentence: str, rows: Iterable[tuple[str, int, str]]) -> str:
    """HTML of a sentence and rows of a name, its count and what it means."""
    made = [_ROW.format(name, grouped(count), meaning) for name, count, meaning in rows]
    return _TABLE.format(sentence, Markup("").join(made))


def summary_html(summary: Summary) -> str:
    """A run in numbers: lines by status, then by code."""
    rows = [(status, count, _(STATUS_SENTENCES[Status(status)])) for status, count in summary.counts.items()]
    rows += [(code, count, _(CODE_SENTENCES[Code(code)])) for code, count in summary.codes.items()]
    sentence = _("Run {run_id} ({command}): exit code {exit_code}.").format(
        run_id=summary.run_id, command=summary.command, exit_code=summary.exit_code
    )
    return counts_table(sentence, rows)


def counts_html(sentence: str, counts: Mapping[str, int]) -> str:
    """Counts that their names explain."""
    return counts_table(sentence, [(name, count, "") for name, count in counts.items()])

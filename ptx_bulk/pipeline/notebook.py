"""What notebooks show of a result: a sentence and a small table, every text escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from markupsafe import Markup

from ptx_bulk.i18n import _, grouped
from ptx_bulk.model import Code, Status
from ptx_bulk.reports import Summary
from ptx_bulk.sentences import CODE_SENTENCES, STATUS_SENTENCES

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

"""What templates show of a piece of work, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ptx_bulk.errors import StopRemovalRefused, TooManyRemovals
from ptx_bulk.i18n import _
from ptx_bulk.model import Action, ListKind, Status
from ptx_bulk.pipeline import FAULT_SENTENCES, Fault, Sending
from ptx_bulk.pipeline.steps.sending.pacing import estimate
from ptx_bulk.reports import Summary, wording
from ptx_bulk.reports.html import charts, problems
from ptx_bulk.ui.works.choices import roles_of
from ptx_bulk.ui.works.file_work import FileWork
from ptx_bulk.ui.works.list_work import AuditWork, RunWork
from ptx_bulk.ui.works.work import Work
from ptx_bulk.workbooks import letters

_SHOWN = 50
_ROWS = 12  # of a preview


def sheets(work: FileWork) -> list[dict[str, Any]]:
    """The first rows of each sheet, what each column is read as, and how the sheet is understood."""
    found = {(one.file, one.sheet): one for one in work.readings}
    asked = work.asked.question if work.asked else None
    shown = []
    for number, (place, preview) in enumerate(work.previews.items()):
        reading = found.get(place)
        roles = roles_of(reading, preview.columns)
        shown.append(
            {
                "number": number,
                "file": work.short(place[0]),
                "sheet": place[1],
                "visible": preview.visible,
                "read": reading is not None,
                "asked": asked is not None and (asked.file, asked.sheet) == place,
                "sentence": work.short(reading.sentence()) if reading else "",
                "header_row": reading.header_row if reading else None,
                "region": (reading.region or "") if reading else "",
                "columns": [(column, letters(column), roles[column]) for column in preview.columns],
                "rows": preview.rows[:_ROWS],
            }
        )
    return shown


def plan(work: FileWork | RunWork) -> dict[str, Any]:
    """What would happen, and what the person has to say for it."""
    result = work.plan
    if result is None:
        return {}
    frame = result.frame
    planned = (frame["status"] == Status.PLANNED.value).to_numpy()
    removals = frame[planned & (frame["action"] == Action.REMOVE.value).to_numpy()]
    changes = int(planned.sum())
    from_stop = int((removals["list"] == ListKind.STOP.value).sum())
    return {
        "headline": wording.headline(result.summary, frame),
        **_bars(result.summary),
        "problems": problems.groups(frame),
        "changes": changes,
        "additions": changes - len(removals),
        "removals": len(removals),
        "from_stop": from_stop,
        "removed": [_removed(line) for line in removals.head(_SHOWN).to_dict("records")],
        "removed_more": max(len(removals) - _SHOWN, 0),
        "lists": _lists(frame[planned]["list"].astype("str").unique().tolist()),
        "before": result.summary.before,
        "estimate": estimate(changes, Sending()) if changes else "",
        "refusal": work.refusal,
        "reason_needed": from_stop > 0 or isinstance(work.refusal, StopRemovalRefused),
        "limit_needed": isinstance(work.refusal, TooManyRemovals | StopRemovalRefused),
        "undo": isinstance(work, RunWork),
    }


def _bars(summary: Summary) -> dict[str, Any]:
    """Counts as bars; the codes, of which there are many, apart."""
    return {
        "charts": charts(replace(summary, codes={})),
        "codes": charts(replace(summary, counts={}, by_country={}, by_line_type={})),
    }


def _removed(line: Mapping[Any, Any]) -> dict[str, str]:
    row = str(line["row"]) if line["row"] > 0 else ""
    return {"phone": line["e164"], "list": str(line["list"]).upper(), "row": row, "raw": line["raw"]}


def _lists(names: list[str]) -> str:
    return _("{one} and {other}").format(one="STOP", other="NPAI") if len(names) > 1 else "".join(names).upper()


def result(work: Work) -> dict[str, Any]:
    """What was done, and what was not and why."""
    done = work.result
    if done is None:
        return {}
    return {
        "headline": wording.headline(done.summary, done.frame),
        **_bars(done.summary),
        "problems": problems.groups(done.frame),
        "facts": [(label, work.short(value)) for label, value in wording.facts(done.summary)],
        "resumable": done.exit_code in (5, 130),
        "undoable": bool(done.summary.counts.get(Status.APPLIED.value)) and done.summary.command != "undo",
    }


def faults(work: AuditWork) -> list[dict[str, Any]]:
    """Each fault of the lists with its first lines."""
    if work.audit is None:
        return []
    shown = []
    for fault, count in work.audit.counts.items():
        lines = work.of_fault(fault.value)
        shown.append(
            {
                "fault": fault.value,
                "count": count,
                "meaning": _(FAULT_SENTENCES[Fault(fault)]),
                "lines": lines.head(_SHOWN).to_dict("records"),
                "more": max(count - _SHOWN, 0),
                "addable": int((lines["suggestion"] != "").sum()),
            }
        )
    return shown


def progress(work: Work) -> dict[str, Any]:
    """How far it is, as the page's script shows it."""
    found = work.progress
    return {
        "stage": work.stage,
        "done": found.done if found else 0,
        "total": found.total if found else 0,
        "text": found.sentence if found and work.sending else "",
    }

"""What templates show of a piece of work, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ptx_bulk import i18n
from ptx_bulk.errors import StopRemovalRefused, TooManyRemovals
from ptx_bulk.i18n import N_, _, grouped
from ptx_bulk.model import Action, ListKind, Status
from ptx_bulk.numbers import country_names
from ptx_bulk.pipeline import FAULT_SENTENCES, Fault, Sending, mended_list_by_list, mending_steps
from ptx_bulk.pipeline.steps.sending.pacing import estimate
from ptx_bulk.reports import Summary, wording
from ptx_bulk.reports.html import charts, problems
from ptx_bulk.ui.works.audit_work import AuditWork
from ptx_bulk.ui.works.choices import DELIMITERS, ENCODINGS, roles_of
from ptx_bulk.ui.works.file_work import FileWork
from ptx_bulk.ui.works.find_work import FindWork
from ptx_bulk.ui.works.reading_work import ReadingWork
from ptx_bulk.ui.works.run_work import RunWork
from ptx_bulk.ui.works.scrub_work import ScrubWork
from ptx_bulk.ui.works.work import Work
from ptx_bulk.workbooks import letters, preset_names

_SHOWN = 50
_ROWS = 12  # of a preview


def sheets(work: ReadingWork) -> list[dict[str, Any]]:
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


def reading_settings(work: ReadingWork) -> dict[str, Any]:
    """What may be said of how the files are read, and what is said now."""
    choices, texts = work.choices, [one for one in work.readings if one.encoding]
    found = texts[0].delimiter if len({one.delimiter for one in texts}) == 1 else ""
    headings = [ref.label for one in work.readings for ref in one.headings]
    return {
        "presets": preset_names(),
        "encodings": ENCODINGS,
        "delimiters": DELIMITERS,
        "countries": country_names(i18n.language()),
        "home": work.settings.defaults.region or "FR",
        "is_text": bool(texts) or not work.readings,
        "found_encoding": ", ".join(dict.fromkeys(one.encoding for one in texts)),
        "found_delimiter": "tab" if found == "\t" else found,
        "headings": list(dict.fromkeys(headings)),
        "filters": [*(_filter(one) for one in choices.where), ("", False, "")],
        "open": choices.says_how or work.error is not None,
    }


def _filter(where: str) -> tuple[str, bool, str]:
    """A row filter as column, whether it is negated, values."""
    column, sign, value = where.partition("=")
    return column.removesuffix("!"), column.endswith("!") and bool(sign), value


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
        lines = work.lines(Fault(fault))
        shown.append(
            {
                "fault": fault.value,
                "count": count,
                "meaning": _(FAULT_SENTENCES[Fault(fault)]),
                "steps": _steps(work, Fault(fault)),
                "lines": lines.head(_SHOWN).to_dict("records"),
                "more": max(count - _SHOWN, 0),
            }
        )
    return shown


def _steps(work: AuditWork, fault: Fault) -> list[dict[str, Any]]:
    """What mends it, in order: the lines of each list, and whether they are added or removed."""
    made: list[dict[str, Any]] = []
    one_by_one = mended_list_by_list(fault)
    for kind in ListKind:
        lines = work.lines(fault, (kind,))
        suggested = int((lines["suggestion"] != "").sum())
        for at, step in enumerate(mending_steps(fault, kind, suggested=suggested > 0) if len(lines) else ()):
            whole = lines if one_by_one else work.lines(fault)
            count = int((whole["suggestion"] != "").sum()) if step.column == "suggestion" else len(whole)
            shown = {"kind": kind.value, "at": at, "mode": step.mode.value, "count": count, "column": step.column}
            if one_by_one or not any(one["at"] == at for one in made):
                made.append(shown)
    return made


def scrubbed(work: ScrubWork) -> dict[str, Any]:
    """Where the rows went."""
    done = work.scrubbed
    if done is None:
        return {}
    counts = done.counts
    parts = (
        ("kept", _("on none of the lists: you may write to them"), counts.kept),
        ("removed", _("on a list: do not write to them"), counts.removed),
        ("unsure", _("a number could not be read: look at these rows before you write to them"), counts.unsure),
        ("dropped", _("no number in the row"), counts.dropped),
        ("left out", _("left out by the row filters, or hidden"), counts.left_out),
    )
    most = max(counts.rows, 1)
    rows = [
        (name, meaning, grouped(count), f"{100 * count / most:.2f}")
        for name, meaning, count in parts
        if count or name == "kept"
    ]
    frame = done.frame
    removed = frame[(frame["part"] == "removed").to_numpy()].head(_SHOWN)
    return {
        "counts": counts,
        "parts": rows,
        "removed": [{**line, "file": work.short(str(line["file"]))} for line in removed.to_dict("records")],
        "removed_more": max(counts.removed - _SHOWN, 0),
        "files": [
            (part, Path(path).name, _PART_MEANINGS[part])
            for paths in done.files.values()
            for part, path in paths.items()
        ],
    }


# What each file of a scrub is for.
_PART_MEANINGS = {
    "kept": N_("the people to write to"),
    "removed": N_("who is on a list, and since when"),
    "unsure": N_("who could not be read, and why"),
}


def found(work: FindWork) -> list[dict[str, Any]]:
    """Each number with its standings and its events."""
    if work.found is None:
        return []
    return [
        {
            "number": one.number,
            "known": one.known,
            "standings": one.standings,
            "events": [row for row in one.events.to_dict("records") if row["event"] not in ("listed", "not_listed")],
        }
        for one in work.found.numbers
    ]


def progress(work: Work) -> dict[str, Any]:
    """How far it is, as the page's script shows it."""
    found = work.progress
    return {
        "stage": work.stage,
        "done": found.done if found else 0,
        "total": found.total if found else 0,
        "text": found.sentence if found and work.sending else "",
    }

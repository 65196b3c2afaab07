"""A row of the table of runs as a record: what is damaged is left empty and named, never an exception."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from ptx_bulk.arguments import CONCURRENCY, MAX_RATE
from ptx_bulk.i18n import _
from ptx_bulk.journal.rows.records import RunRecord, RunState
from ptx_bulk.journal.rows.storable import LATEST
from ptx_bulk.model import ListKind, Mode

_Value = TypeVar("_Value")
_COMMANDS = frozenset({*Mode, "apply"})
_STORED = frozenset(RunState) - {RunState.DAMAGED}


def run_of(row: Sequence[Any]) -> RunRecord:
    """The record of a row of `runs`; `fault` names the first thing in it that cannot be right."""
    cells = _Cells(row)
    mode = cells.take(2, "mode", _mode, "")
    state = cells.take(12, "state", _state, RunState.DAMAGED)
    return RunRecord(
        run_id=cells.take(0, "run_id", _name, str(row[0])),
        command=cells.take(1, "command", _command, ""),
        mode=mode,
        account=cells.take(3, "account", _name, ""),
        base_url=cells.take(4, "base_url", _name, ""),
        lists=cells.take(5, "lists", _lists, ()),
        options=cells.take(6, "options", _options, {}),
        started_at=cells.take(7, "started_at", _moment, 0.0),
        reason=cells.take(8, "reason", _text, ""),
        parent=cells.take(9, "parent", _text, ""),
        version=cells.take(10, "version", _text, ""),
        metadata_version=cells.take(11, "metadata_version", _text, ""),
        state=state,
        finished_at=cells.take(13, "finished_at", _moment_or_none, None),
        exit_code=cells.take(14, "exit_code", _exit_code, None),
        summary=cells.take(15, "summary", _summary, {}),
        actor=cells.take(16, "actor", _text, ""),
        host=cells.take(17, "host", _text, ""),
        comment=cells.take(18, "comment", _text, ""),
        fault=cells.fault or _contradiction(row),
    )


@dataclass
class _Cells:
    """The cells of a row, read one by one."""

    row: Sequence[Any]
    fault: str = ""

    def take(self, at: int, name: str, read: Callable[[Any], _Value], instead: _Value) -> _Value:
        """A cell's value; what stands in for it where it cannot be one."""
        try:
            return read(self.row[at])
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            self.fault = self.fault or _("its {column} cannot be read").format(column=name)
            return instead


def _contradiction(row: Sequence[Any]) -> str:
    """Cells that cannot stand beside each other."""
    if (row[1] == Mode.UNDO.value) != bool(row[9]):
        return _("its command and the run that it takes back contradict each other")
    return ""


def _text(value: Any) -> str:  # noqa: ANN401 - whatever stands in a cell
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _name(value: Any) -> str:  # noqa: ANN401
    if not _text(value):
        raise ValueError(value)
    return str(value)


def _command(value: Any) -> str:  # noqa: ANN401
    if value not in _COMMANDS:
        raise ValueError(value)
    return str(value)


def _mode(value: Any) -> str:  # noqa: ANN401
    return Mode(value).value


def _state(value: Any) -> RunState:  # noqa: ANN401
    state = RunState(value)
    if state not in _STORED:
        raise ValueError(value)
    return state


def _lists(value: Any) -> tuple[ListKind, ...]:  # noqa: ANN401
    kinds = tuple(ListKind(name) for name in _name(value).split())
    if not kinds or len(set(kinds)) < len(kinds):
        raise ValueError(value)
    return kinds


def _moment(value: Any) -> float:  # noqa: ANN401
    if not isinstance(value, int | float) or not 0 <= value <= LATEST:
        raise ValueError(value)
    return float(value)


def _moment_or_none(value: Any) -> float | None:  # noqa: ANN401
    return None if value is None else _moment(value)


def _exit_code(value: Any) -> int | None:  # noqa: ANN401
    if value is not None and (not isinstance(value, int) or not 0 <= value <= 255):
        raise ValueError(value)
    return value


def _object(value: Any) -> dict[str, Any]:  # noqa: ANN401
    found = json.loads(_text(value))
    if not isinstance(found, dict):
        raise TypeError(value)
    return found


def _options(value: Any) -> dict[str, Any]:  # noqa: ANN401
    options = _object(value)
    sending = options.get("sending", {})
    for name, bounds in (("concurrency", CONCURRENCY), ("max_rate", MAX_RATE)):
        if sending.get(name) is not None and not bounds.hold(sending[name]):
            raise ValueError(value)
    _text(options.get("folder", ""))
    return options


def _summary(value: Any) -> dict[str, Any]:  # noqa: ANN401
    summary = _object(value)
    if not all(isinstance(n, int) for n in summary.get("counts", {}).values()):
        raise ValueError(value)
    if not all(isinstance(path, str) for path in summary.get("reports", [])):
        raise ValueError(value)
    return summary

"""The file of a saved plan: JSON that a person can read, and that a program refuses when it is not whole."""

from __future__ import annotations

import hashlib
import json
import stat
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ptx_bulk import numbers
from ptx_bulk._version import __version__
from ptx_bulk.errors import ConfigurationError, InputError, PlanStale
from ptx_bulk.i18n import _
from ptx_bulk.model import ListKind, Mode
from ptx_bulk.pipeline.requests import Source
from ptx_bulk.pipeline.steps.from_files.sources import source_as_json, source_from
from ptx_bulk.pipeline.steps.preparing import Prepared
from ptx_bulk.plan import plan_fingerprint
from ptx_bulk.reports import new_file

_FORMAT, _VERSION = "ptx-bulk plan", 3
_LINES = 10_000  # of the file written at a time
_LARGEST = 1 << 30  # bytes; a million changes take some 250 MB
_MODES = (Mode.IMPORT, Mode.REMOVE, Mode.SYNC)


@dataclass(frozen=True, kw_only=True)
class SavedPlan:
    """What a plan is known again by.

    Attributes:
        account: the account's name in the journal.
        mode: what the input meant to the lists.
        lists: the lists that the plan may change.
        source: the input and how it was read.
        inputs: SHA-256 of each input file, in hex.
        remote: the identity of each list's state (`Snapshot.identity`).
        fingerprint: of the changes (`Plan.fingerprint`).
    """

    account: str
    mode: Mode
    lists: tuple[ListKind, ...]
    source: Source
    inputs: tuple[str, ...]
    remote: Mapping[ListKind, str]
    fingerprint: str


def check_plan_path(path: str, source: Source) -> None:
    """Refuse, before any work, a plan that could not be saved; its place is checked with those of the reports.

    Raises:
        ConfigurationError: the name is none, or the input is standard input or a table in memory, which apply could
            not read again.
    """
    if "-" in source.files or source.frames:
        raise ConfigurationError(
            _("A plan is saved for files alone, which apply reads again; standard input and tables are gone by then.")
        )
    if not path.strip() or "\0" in path:
        raise ConfigurationError(_('--save-plan "{path}" is no name for a file.').format(path=path.replace("\0", "")))


def save_plan(path: str, prepared: Prepared, source: Source) -> None:
    """Write the plan with the fingerprint of its input and the identity of the remote lists; never overwrites.

    Raises:
        ReportError: the file cannot be written.
    """
    plan = prepared.plan
    reading = prepared.intake.reading if prepared.intake else None
    body: dict[str, Any] = {
        "format": _FORMAT,
        "version": _VERSION,
        "created_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "made_by": {"ptx_bulk": __version__, "phonenumbers": numbers.metadata_version()},
        "account": prepared.account.name,
        "mode": plan.mode.value,
        "lists": [kind.value for kind in plan.lists],
        "source": {**source_as_json(source, reading), "files": [str(Path(file).absolute()) for file in source.files]},
        "inputs": [
            {"sha256": file.sha256, "size": file.size}
            for file in (prepared.intake.reading.inputs if prepared.intake else ())
        ],
        "remote": {
            kind.value: {"entries": plan.before[kind], "identity": prepared.snapshots[kind].identity}
            for kind in plan.lists
        },
        "fingerprint": plan.fingerprint,
        "changes": [
            {"action": action, "list": kind, "number": f"+{number}", "identifiers": identifiers, "entry_ids": ids}
            for action, kind, number, identifiers, ids in plan.rows()
        ],
    }
    body["checksum"] = _checksum(body)
    with new_file(Path(path)) as stream:
        # A file name that is no text is written as JSON's own escapes.
        for piece in _written(body):
            stream.write(piece.encode("utf-8", "backslashreplace"))


def _written(body: dict[str, Any]) -> Iterator[str]:
    """The JSON for people, a change a line: `indent` for all of it takes four times as long."""
    changes = body["changes"]
    yield (
        json.dumps({**body, "changes": None}, indent=1, ensure_ascii=False)
        .removesuffix("\n}")
        .replace('\n "changes": null,', "")
    )
    yield ',\n "changes": ['
    for start in range(0, len(changes), _LINES):
        lines = (f"\n  {json.dumps(one, ensure_ascii=False)}" for one in changes[start : start + _LINES])
        yield ("," if start else "") + ",".join(lines)
    yield "\n ]\n}\n"


def load_plan(path: str) -> SavedPlan:
    """Read a saved plan.

    Raises:
        InputError: the file cannot be read or is no plan.
        PlanStale: another version saved it, or it was altered or damaged since.
    """
    try:
        saved = json.loads(_content(path).decode())
    except (ValueError, RecursionError) as error:
        raise _no_plan(path) from error
    if not isinstance(saved, dict) or saved.get("format") != _FORMAT:
        raise _no_plan(path)
    if saved.get("version") != _VERSION:
        raise PlanStale(
            _(
                "The plan {path} was saved by another version of ptx-bulk, which wrote other plans; "
                "nothing was sent. Make a new plan with diff."
            ).format(path=path)
        )
    try:
        checksum = saved.pop("checksum", None)
        if checksum != _checksum(saved):
            raise PlanStale(
                _(
                    "The plan {path} was altered after it was saved; nothing was sent. Make a new plan with diff."
                ).format(path=path)
            )
        return _parsed(saved)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise PlanStale(
            _("The plan {path} is damaged; nothing was sent. Make a new plan with diff.").format(path=path)
        ) from error


def _content(path: str) -> bytes:
    """The file's bytes; what is no regular file might never end."""
    try:
        about = Path(path).stat()
        if stat.S_ISREG(about.st_mode) and about.st_size <= _LARGEST:
            return Path(path).read_bytes()
    except OSError as error:
        raise InputError(
            _("The plan {path} cannot be read ({reason}); check its name.").format(path=path, reason=error.strerror)
        ) from error
    raise _no_plan(path)


def _no_plan(path: str) -> InputError:
    return InputError(_("{path} is no saved plan; diff --save-plan makes one.").format(path=path.replace("\0", "")))


def _parsed(saved: dict[str, Any]) -> SavedPlan:
    """The plan that these JSON values hold.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: they hold none.
    """
    mode, source = Mode(saved["mode"]), source_from(saved["source"])
    lists = tuple(ListKind(name) for name in saved["lists"])
    remote = {ListKind(name): _text(state["identity"]) for name, state in saved["remote"].items()}
    fingerprint = plan_fingerprint(mode, _changes(saved["changes"]))
    if mode not in _MODES or source is None or set(remote) != set(lists) or fingerprint != saved["fingerprint"]:
        raise ValueError(saved["fingerprint"])
    return SavedPlan(
        account=_text(saved["account"]),
        mode=mode,
        lists=lists,
        source=source,
        inputs=tuple(_text(file["sha256"]) for file in saved["inputs"]),
        remote=remote,
        fingerprint=fingerprint,
    )


def _changes(saved: list[dict[str, Any]]) -> Iterator[tuple[str, str, int, list[str], list[str]]]:
    for change in saved:
        number = int(_text(change["number"]).removeprefix("+"))
        yield change["action"], change["list"], number, change["identifiers"], change["entry_ids"]


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _checksum(body: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()

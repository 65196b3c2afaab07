"""The file of a saved plan: JSON that a person can read, and that a program refuses when it is not whole."""

from __future__ import annotations

import hashlib
import itertools
import json
import stat
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from ptx_bulk import numbers
from ptx_bulk._version import __version__
from ptx_bulk.errors import ConfigurationError, InputError, PlanStale
from ptx_bulk.i18n import _
from ptx_bulk.model import ListKind, Mode
from ptx_bulk.pipeline.requests import Source
from ptx_bulk.pipeline.steps.from_files.sources import source_as_json, source_from
from ptx_bulk.pipeline.steps.preparing import Prepared
from ptx_bulk.plan import ChangeRow, plan_fingerprint
from ptx_bulk.reports import new_file

_FORMAT, _VERSION = "ptx-bulk plan", 4
_LINES = 10_000  # of the file written at a time
_LARGEST = 1 << 30  # bytes; a million changes take some 250 MB
_MODES = (Mode.IMPORT, Mode.REMOVE, Mode.SYNC)


class _Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A change as it stands in the file."""

    action: str
    list: str
    number: str
    identifiers: tuple[str, ...]
    entry_ids: tuple[str, ...]

    def row(self) -> tuple[str, str, int, tuple[str, ...], tuple[str, ...]]:
        """The change as a plan has it."""
        return self.action, self.list, int(self.number.removeprefix("+")), self.identifiers, self.entry_ids


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
    }
    body["checksum"] = _checksum(body)
    with new_file(Path(path)) as stream:
        for piece in _written(body, plan.rows()):
            stream.write(piece)


def _written(body: dict[str, Any], changes: Iterator[ChangeRow]) -> Iterator[bytes]:
    """The JSON for people, a change a line."""
    head = json.dumps(body, indent=1, ensure_ascii=False).removesuffix("\n}")
    yield head.encode("utf-8", "backslashreplace")  # a file name that is no text is written as JSON's own escapes
    yield b',\n "changes": ['
    encode, before = msgspec.json.Encoder().encode, b"\n  "
    while some := list(itertools.islice(changes, _LINES)):
        lines = (
            encode(_Change(action, kind, f"+{number}", tuple(identifiers), tuple(ids)))
            for action, kind, number, identifiers, ids in some
        )
        yield before + b",\n  ".join(lines)
        before = b",\n  "
    yield b"\n ]\n}\n"


def load_plan(path: str) -> SavedPlan:
    """Read a saved plan.

    Raises:
        InputError: the file cannot be read or is no plan.
        PlanStale: another version saved it, or it was altered or damaged since.
    """
    saved, changes = _apart(path)
    if saved.get("format") != _FORMAT:
        raise _no_plan(path)
    if saved.get("version") != _VERSION:
        raise PlanStale(
            _(
                "The plan {path} was saved by another version of ptx-bulk, which wrote other plans; "
                "nothing was sent. Make a new plan with diff."
            ).format(path=path)
        )
    try:
        if saved.pop("checksum", None) != _checksum(saved) or saved["fingerprint"] != _fingerprint(saved, changes):
            raise PlanStale(
                _(
                    "The plan {path} was altered after it was saved; nothing was sent. Make a new plan with diff."
                ).format(path=path)
            )
        return _parsed(saved)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError, msgspec.MsgspecError) as error:
        raise PlanStale(
            _("The plan {path} is damaged; nothing was sent. Make a new plan with diff.").format(path=path)
        ) from error


def _apart(path: str) -> tuple[dict[str, Any], bytes]:
    """What the file says, and its changes, which are many, as they stand there."""
    try:
        raw = msgspec.json.decode(_content(path), type=dict[str, msgspec.Raw])
        changes = bytes(raw.pop("changes", b""))
        return {name: json.loads(bytes(value).decode()) for name, value in raw.items()}, changes
    except (ValueError, RecursionError, msgspec.MsgspecError) as error:
        raise _no_plan(path) from error


def _fingerprint(saved: dict[str, Any], changes: bytes) -> str:
    """What the fingerprint must be.

    Raises:
        KeyError, ValueError, msgspec.MsgspecError: the changes are none.
    """
    rows = (change.row() for change in msgspec.json.decode(changes, type=list[_Change]))
    return plan_fingerprint(Mode(saved["mode"]), rows)


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
    if mode not in _MODES or source is None or set(remote) != set(lists):
        raise ValueError(mode, source, remote)
    return SavedPlan(
        account=_text(saved["account"]),
        mode=mode,
        lists=lists,
        source=source,
        inputs=tuple(_text(file["sha256"]) for file in saved["inputs"]),
        remote=remote,
        fingerprint=saved["fingerprint"],
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _checksum(body: dict[str, Any]) -> str:
    """SHA-256, in hex, of all but the changes, which have their fingerprint."""
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()

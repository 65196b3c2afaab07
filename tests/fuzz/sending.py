"""Files that are sent to the simulator: the lists become what the lines say, and nothing else."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path
from typing import Any

import ptx_bulk
from ptx_bulk.errors import PtxError
from ptx_bulk.pipeline import Result
from tests.fuzz.inprocess import Crashed, stay_here
from tests.fuzz.inputs import books, contacts
from tests.fuzz.inputs.mutations import mutated, mutated_package
from tests.fuzz.target import Target

_KINDS = ("stop", "npai")
_ALLOWED: dict[str, Any] = {"max_removals": "100%", "allow_stop_removal": True, "reason": "essai"}
Lists = dict[str, set[str]]


class Sending(Target):
    """A file sent by a command and taken back, with the lists read before, between and after."""

    makers = (
        contacts.delimited,
        contacts.delimited,
        books.workbook,
        books.opendocument,
        contacts.cards,
        contacts.columns,
    )

    def __init__(self, folder: Path) -> None:
        """Have lists that hold a few numbers, to begin with each time."""
        super().__init__(folder)
        stay_here()
        self.home, self.kept = folder / "sending", folder / "began"
        os.environ["PTX_HOME"] = str(self.home if not self.kept.exists() else self.kept)
        if not self.kept.exists():
            shutil.rmtree(self.home, ignore_errors=True)
            connection = ptx_bulk.connect(sandbox=True)
            for kind, numbers in zip(_KINDS, (books.LISTED[:2], books.LISTED[1:]), strict=True):
                connection.import_([f"+{number}" for number in numbers], list=kind, accept="any")
            shutil.copytree(self.home, self.kept)
        self.before = _lists(ptx_bulk.connect(sandbox=True))

    def make(self, rng: random.Random) -> bytes:
        """A command, and a file for it; half of them are right."""
        content = rng.choice(self.makers)(rng)
        if rng.random() < 0.5:
            content = mutated_package(content, rng) if content[:2] == b"PK" else mutated(content, rng)
        return rng.choice((b"import_", b"import_", b"remove.", b"sync...")) + content

    def run(self, content: bytes) -> str:
        """Send it; then take it back."""
        os.environ["PTX_HOME"] = str(self.home)
        shutil.rmtree(self.home, ignore_errors=True)
        shutil.copytree(self.kept, self.home)
        connection = ptx_bulk.connect(sandbox=True)
        before, command = self.before, content[:7].decode().rstrip("._")
        path = self.fresh(".dat", content[7:])
        send = getattr(connection, f"{command}_" if command == "import" else command)
        try:
            result = send(path, accept="any", **_ALLOWED)
        except Crashed:
            return ""
        except PtxError:
            return "" if _lists(connection) == before else "lists were changed by a command that ended early"
        after = _lists(connection)
        wrong = [_differs(before, after, result)]
        wrong += [f"{result.error}"] if result.error and result.exit_code == 1 else []
        undone = connection.undo(result.summary.run_id, **_ALLOWED)
        if _lists(connection) != before:
            wrong.append(f"taken back, the lists are others: {undone.summary.as_json()}")
        wrong.append(self._again(connection, result))
        return "; ".join(filter(None, wrong))

    def _again(self, connection: ptx_bulk.Connection, result: Result) -> str:
        """The rejected rows, given back as they are: as many rows are rejected again."""
        if not result.rejects:
            return ""
        again = connection.check([Path(one) for one in result.rejects], accept="any")
        before, after = (int((one.frame["status"] == "rejected").sum()) for one in (result, again))
        return "" if before == after else f"{before} rows were rejected, and of these {after}"


def _lists(connection: ptx_bulk.Connection) -> Lists:
    return {kind: set(connection.read(kind)["phone"]) for kind in _KINDS}


def _differs(before: Lists, after: Lists, result: Result) -> str:
    """What the lists have become beside what the lines say that was done."""
    done = result.frame[result.frame["status"] == "applied"]
    wanted = {kind: set(numbers) for kind, numbers in before.items()}
    for number, kind, action in done[["e164", "list", "action"]].itertuples(index=False):
        (wanted[kind].add if action == "add" else wanted[kind].discard)(number)
    return "" if wanted == after else f"the lists are {after}, and the lines say {wanted}"

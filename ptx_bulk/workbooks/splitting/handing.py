"""What is handed to the guarded process that cuts a workbook, as files in its folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ptx_bulk.workbooks.sheets.stored import private_file
from ptx_bulk.workbooks.splitting.parts import Repeated, SheetParts

SAID = "said.json"
_JOB = "split.json"


@dataclass(frozen=True)
class Job:
    """What is to be cut.

    Attributes:
        wanted: the parts to write, `KEPT` first.
        sheets: where the rows of each sheet go, by its name.
        columns: by the sheet's name the first free column, where ours are added.
        erased: runs of digits that must not stay in what the kept file holds beside its rows.
    """

    wanted: tuple[int, ...]
    sheets: Mapping[str, SheetParts]
    columns: Mapping[str, int] = field(default_factory=dict)
    erased: frozenset[str] = frozenset()


def write_job(folder: Path, job: Job) -> None:
    """Leave the job in the folder."""
    facts = []
    for at, (name, parts) in enumerate(job.sheets.items()):
        with private_file(folder / f"split{at}.npz") as out:
            each = {part: Repeated.of(texts) for part, texts in parts.added.items()}
            which: dict[str, Any] = {f"added{part}": one.codes for part, one in each.items()}
            np.savez(out, rows=parts.rows, part=parts.part, **which)
        added = {str(part): one.words for part, one in each.items()}
        facts.append({"name": name, "header_row": parts.header_row, "added": added, "column": job.columns[name]})
        facts[-1]["dropped"] = parts.dropped
    with private_file(folder / _JOB) as out:
        out.write(json.dumps({"wanted": job.wanted, "sheets": facts, "erased": sorted(job.erased)}).encode())


def read_job(folder: Path) -> Job:
    """The job that `write_job` left."""
    told = json.loads((folder / _JOB).read_text(encoding="utf-8"))
    sheets: dict[str, SheetParts] = {}
    for at, one in enumerate(told["sheets"]):
        with np.load(folder / f"split{at}.npz") as arrays:
            added = {
                int(part): Repeated(arrays[f"added{part}"], list(map(tuple, texts)))
                for part, texts in one["added"].items()
            }
            goes = arrays["rows"], arrays["part"], added, tuple(one["dropped"])
            sheets[one["name"]] = SheetParts(one["name"], one["header_row"], *goes)
    columns = {one["name"]: one["column"] for one in told["sheets"]}
    return Job(tuple(told["wanted"]), sheets, columns, frozenset(told["erased"]))

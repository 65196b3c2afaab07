"""Lines and summaries as the pipeline hands them to the reports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from ptx_bulk import i18n
from ptx_bulk.model import RESULT_COLUMNS
from ptx_bulk.reports import Summary

NUMBERS = {"row", "attempts", "http_status", "api_code", "duplicate_of_row"}
MakeLines = Callable[..., pd.DataFrame]


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Golden files are in English, whatever the locale of the machine."""
    i18n.use("en")
    yield
    i18n.use("en")


@pytest.fixture
def make_lines() -> MakeLines:
    """A frame of results from the values that matter; all others are empty."""

    def make(*rows: dict[str, Any]) -> pd.DataFrame:
        columns = {}
        for name in RESULT_COLUMNS:
            values = [row.get(name, 0 if name in NUMBERS else "") for row in rows]
            if name in NUMBERS:
                columns[name] = pd.array(values, dtype="Int64")
            else:
                columns[name] = pd.array(values, dtype="str")
                if name in {"run_id", "file", "status", "code"}:
                    columns[name] = pd.Categorical(columns[name])
        return pd.DataFrame(columns)

    return make


@pytest.fixture
def lines(make_lines: MakeLines) -> pd.DataFrame:
    """Five lines, one of each kind that matters: applied, repaired, rejected, hostile, a removal without a row."""
    run = {
        "run_id": "20261123-101500-abcd",
        "file": "stops.xlsx",
        "sheet": "Feuil1",
        "column": "Téléphone",
        "list": "stop",
    }
    sent = {"attempts": 1, "http_status": 200, "remote_id": "543ceb14e4b0ef900801cbe3", "verified": "yes"}
    return make_lines(
        run
        | sent
        | {"row": 2, "raw": "06 12 34 56 78", "e164": "+33612345678", "action": "add", "status": "applied"}
        | {"code": "ADDED", "message": "Added to the list.", "finished_at": "2026-11-23T10:15:01.250Z"},
        run
        | {"row": 3, "raw": "612345678", "e164": "+33612345678", "action": "none", "status": "unchanged"}
        | {"code": "DUPLICATE_IN_FILE+ZERO_RESTORED", "message": "It counts once.", "duplicate_of_row": 2},
        run
        | {"row": 4, "raw": "376312345", "action": "none", "status": "rejected", "code": "REGION_AMBIGUOUS"}
        | {"message": "Write it with +, and its country code.", "suggestion": "+376312345"},
        run
        | {
            "row": 5,
            "raw": '=HYPERLINK("http://example.invalid","</script><b>")',
            "action": "none",
            "status": "rejected",
        }
        | {"code": "CONTAINS_LETTERS", "message": 'Letters, "digits" & more.'},
        {"run_id": "20261123-101500-abcd", "e164": "+33600000000", "list": "stop", "action": "remove"}
        | {"status": "failed", "code": "REJECTED_BY_API", "http_status": 400, "api_code": 11, "attempts": 2}
        | {"message": "The API refused this number.", "finished_at": "2026-11-23T10:15:02.000Z"},
    )


@pytest.fixture
def summary() -> Summary:
    """What the run of `lines` amounts to."""
    return Summary(
        run_id="20261123-101500-abcd",
        command="sync",
        list="stop",
        exit_code=4,
        counts={"applied": 1, "unchanged": 1, "rejected": 2, "failed": 1},
        codes={
            "ADDED": 1,
            "DUPLICATE_IN_FILE": 1,
            "ZERO_RESTORED": 1,
            "REGION_AMBIGUOUS": 1,
            "CONTAINS_LETTERS": 1,
            "REJECTED_BY_API": 1,
        },
        verified={"yes": 1},
        files=("stops.xlsx",),
        rows=5,
        blank=1,
        excluded=2,
        reading=({"file": "stops.xlsx", "sheet": "Feuil1", "header_row": 1},),
        reading_sentences=("Reading stops.xlsx, sheet 'Feuil1': headings in row 1.",),
        before=10,
        after=11,
        reports=("stops.20261123-101500-abcd.results.xlsx",),
        elapsed_s=1.23456,
        started_at="2026-11-23T10:15:00Z",
        account="boutique <b>",
        version="0.1.0",
        metadata_version="9.0.43",
        notices=("Sheet 'Archive' is hidden and was skipped.",),
        by_country={"FR": 1},
        by_line_type={"mobile": 1},
    )


@pytest.fixture
def golden() -> Path:
    """The folder of files that were looked at once and must not change unseen."""
    return Path(__file__).parent / "golden"

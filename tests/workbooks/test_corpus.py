"""Every file of the shared corpus: read or refused as expected; never a traceback, a hang or a gigabyte."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT.parent / "shared" / "corpus"

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not CORPUS.is_dir(), reason="the shared corpus is not beside this repository"),
]

PROGRAM = """
import json, sys
from ptx_bulk.errors import InputError
from ptx_bulk.workbooks import ReadOptions, read
try:
    with read([sys.argv[1]], ReadOptions()) as reading:
        answer = {"columns": [sheet.phones[0].label for sheet in reading.sheets], "cells": len(reading.cells),
                  "raw": reading.cells["raw"].tolist()[:3]}
except InputError as error:
    answer = {"error": type(error).__name__, "text": str(error)}
try:
    import resource
    answer["peak"] = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
except ImportError:
    answer["peak"] = 0
print(json.dumps(answer))
"""

TYPES = (["telephone", "telephone"], 73)

# file → phone columns and number of cells
READ: dict[str, tuple[list[str], int]] = {
    "crm_brevo_sample.csv": (["SMS"], 3),
    "crm_european_semicolon.csv": (["Téléphone"], 2),
    "crm_google_ads_realistic.csv": (["User Phone"], 3),
    "crm_horrible_headers_mixed.csv": (["Mobile No."], 3),
    "crm_hubspot_fr.csv": (["Phone Number"], 5),
    "crm_outlook_fr_cp1252.csv": (["Tél. mobile"], 4),
    "crm_qbo_customer_list.csv": (["Phone Numbers"], 7),
    "crm_rtl_arabic_headers.csv": (["الهاتف"], 2),
    "crm_thunderbird_basic.csv": (["Mobile Number"], 2),
    "csv_salesforce_accountData.csv": (["PHONE"], 423),
    "fr_annuaire_education_94.csv": (["Telephone"], 613),
    "fr_finess_excel_damaged_cp1252.csv": (["telephone"], 8),
    "self_cp1252_csv_named.xls": (["Téléphone"], 2),
    "self_dimension_lie_huge.xlsx": (["telephone"], 1),
    "self_double_encoded.csv": (["TÃ©lÃ©phone"], 2),
    "self_excel_unicode_text.txt": (["Téléphone"], 2),
    "self_html_as_xls.xls": (["Téléphone"], 2),
    "self_macroman_cr.csv": (["TŽlŽphone"], 2),
    "self_mixed_encodings.csv": (["telephone"], 2),
    "self_mixed_newlines_nul_openquote.csv": (["telephone"], 5),
    "self_types.xlsx": TYPES,
    "self_utf16le_nobom.csv": (["Téléphone"], 2),
    "self_utf8_csv_named.xlsx": (["Téléphone"], 2),
    "self_xlsx_named.csv": TYPES,
    "types.ods": TYPES,
    "types.xls": TYPES,
    "types.xlsx": TYPES,
}

# file → what the question names
ASKED: dict[str, str] = {
    "crm_agency_chaos.csv": "C (Email / Phone)",
    "crm_duplicate_mixed_columns.csv": "G (phone), H (Phone)",
    "fr_finess_overseas_noheader.csv": "Q, R",
    "csv_salesforce_backquote.csv": "NAME`TYPE`PHONE",
}

# file → words of the refusal
REFUSED: dict[str, str] = {
    "gzip_bomb.gnumeric": "unpack",
    "not_a_spreadsheet.doc": "Word",
    "ods_dos_17_billion_cells.ods": "millions of cells",
    "ods_password.ods": "password",
    "ods_password_wrong_sha.ods": "password",
    "self_truncated.xlsx": "damaged",
    "self_xxe_sharedstrings.xlsx": "entities",
    "xls_password.xls": "password",
    "xls_xor_abc.xls": "password",
    "xlsx_50000_merges.xlsx": "nothing in it",
    "xlsx_bad_crc.xlsx": "damaged",
    "xlsx_billion_laughs_manifest.xlsx": "entities",
    "xlsx_billion_laughs_sst.xlsx": "entities",
    "xlsx_nonstandard_workbook_name.xlsx": "nothing in it",
    "xlsx_null_file.xlsx": "empty",
    "xlsx_password_tika.xlsx": "password",
    "xlsx_truncated_zip.xlsx": "damaged",
    "xlsx_xml_bomb.xlsx": "entities",
}


def _files() -> list[str]:
    if not CORPUS.is_dir():
        return []
    return sorted(path.name for path in (CORPUS / "files").iterdir())


@pytest.mark.parametrize("name", _files())
def test_a_corpus_file_is_read_or_refused(name: str) -> None:
    """Within ten seconds and one gigabyte: the expected cells, one sentence, or a question that names columns."""
    path = CORPUS / "files" / name
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(path)], capture_output=True, text=True, timeout=10, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    answer = json.loads(done.stdout)
    assert answer["peak"] < 1 << 20  # kilobytes; never too little, as it counts the process that started ours
    if name in READ:
        assert (answer.get("columns"), answer.get("cells")) == READ[name], answer
        return
    assert "error" in answer, answer
    assert "\n" not in answer["text"]
    kinds = ("UnreadableFile", "LockedWorkbook") if name in REFUSED else ("ColumnNotFound", "QuestionOpen")
    said = REFUSED.get(name) or ASKED.get(name, "--column")
    assert answer["error"] in kinds, answer
    assert said in answer["text"]


def test_every_file_of_the_manifest_is_there() -> None:
    """The tables above speak of files that exist."""
    with (CORPUS / "manifest.csv").open(encoding="utf-8-sig", newline="") as file:
        listed = {row["file"] for row in csv.DictReader(file)}
    assert listed <= set(_files())
    assert set(READ) | set(ASKED) | set(REFUSED) <= set(_files())


def _types(form: str) -> dict[str, tuple[str, str, bool]]:
    from ptx_bulk.workbooks import ReadOptions, read

    path = CORPUS / "files" / f"types.{form}"
    with read([path], ReadOptions(sheets=("types",), columns=("B",))) as reading:
        cells = reading.cells
        names = dict(zip(reading.tables[0].rows.tolist(), reading.tables[0].table.column(0).to_pylist(), strict=True))
        rows = zip(cells["row"].tolist(), cells["raw"], cells["kind"], cells["hidden"].tolist(), strict=True)
        return {names[row]: (raw, kind, hidden) for row, raw, kind, hidden in rows}


# what each format lost before we saw it: LibreOffice wrote types.xls and types.ods
SAVED_OTHERWISE = {
    "xls": {
        "text _x000D_ escape",
        "formula string NOT cached",
        "formula number NOT cached",
        "array formula cached",
    },
    "ods": {
        "text _x000D_ escape",
        "formula string NOT cached",
        "formula number NOT cached",
        "float noise 33612345678.000004",
        "17 digit int 33612345678901234",
        "phone int with date format (612345678)",
    },
}


@pytest.mark.parametrize("form", ["xls", "ods"])
def test_types_are_told_apart_on_every_format(form: str) -> None:
    """Lines of types.xls and types.ods come back as those of types.xlsx, but for what the file does not hold."""
    reference, other = _types("xlsx"), _types(form)
    assert {name.replace("\r", "") for name in other} == {name.replace("\r", "") for name in reference}
    different = {name for name, answer in reference.items() if other.get(name, answer) != answer}
    assert {name for name in different if "escape" not in name} == {
        name for name in SAVED_OTHERWISE[form] if "escape" not in name
    }


def test_types_of_xlsx() -> None:
    """Errors, formulas without result, booleans, dates and the hidden row of types.xlsx are what they are."""
    cells = _types("xlsx")
    assert len(cells) == 72
    kinds = {name: kind for name, (_raw, kind, _hidden) in cells.items()}
    assert {name for name, kind in kinds.items() if kind == "error"} == {
        *(f"error {text}" for text in ("#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!")),
        "formula cached error",
    }
    assert {name for name, kind in kinds.items() if kind == "formula"} == {
        "formula string NOT cached",
        "formula number NOT cached",
    }
    assert {name for name, kind in kinds.items() if kind == "boolean"} == {
        "bool TRUE",
        "bool FALSE",
        "formula cached bool",
    }
    assert {name for name, kind in kinds.items() if kind == "date"} == {
        "date fmt dd/mm/yyyy 38877",
        "date builtin 14",
        "time fmt hh:mm 0.5",
        'date t="d" ISO',
    }
    assert [name for name, (_raw, _kind, hidden) in cells.items() if hidden] == ["HIDDEN ROW text"]

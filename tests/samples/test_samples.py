from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import phonenumbers
import pytest

from tests.commands import run_command

SAMPLES = Path(__file__).parents[2] / "samples"
STOPS_XLSX = {
    *(f"+336000001{n:02d}" for n in (*range(1, 13), 14, 15, 19, 20)),
    *("+262692000001", "+33730000001", "+32470000001"),
} - {"+33600000113"}
MOBILES: dict[str, dict[str, set[str]]] = {
    "stops.xlsx": {"stop": STOPS_XLSX},
    "stops.csv": {"stop": {*(f"+3360000020{n}" for n in range(1, 7)), "+33730000002"}},
    "npai.csv": {"npai": {f"+3360000030{n}" for n in range(1, 9)}},
    "both-lists.xlsx": {
        "stop": {f"+3360000040{n}" for n in (1, 2, 4, 7)},
        "npai": {f"+3360000040{n}" for n in (3, 5, 6, 8)},
    },
    "migration-from-another-provider.csv": {
        "stop": {
            *(f"+3360000050{n}" for n in (1, 2, 5)),
            *("+33730000003", "+262692000002", "+32470000002"),
        },
        "npai": {"+33600000503", "+33600000504"},
    },
    "crm-export.csv": {"stop": {*(f"+3360000060{n}" for n in range(1, 7)), "+33730000004"}},
}
OPTIONS = {
    "npai.csv": ["--list", "npai"],
    "both-lists.xlsx": ["--list-column", "Liste"],
    "migration-from-another-provider.csv": ["--list-column", "reason"],
}


def table() -> dict[str, tuple[int, int]]:
    """The lines and mobiles that samples/README.md gives for each file."""
    text = (SAMPLES / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([^`]+)` \|.*\| (\d+) \| (\d+) \|$", text, re.MULTILINE)
    return {name: (int(lines), int(mobiles)) for name, lines, mobiles in rows}


def test_the_samples_are_what_their_script_writes(tmp_path):
    """`make_samples.py` writes every sample again byte for byte."""
    subprocess.run([sys.executable, str(SAMPLES / "make_samples.py"), str(tmp_path)], check=True)
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    kept = {path.name: path.read_bytes() for path in SAMPLES.iterdir() if path.suffix in (".xlsx", ".csv")}
    assert written.keys() == kept.keys() == MOBILES.keys()
    assert [name for name in kept if written[name] != kept[name]] == []


def test_the_readme_counts_the_mobiles():
    """samples/README.md gives the number of mobiles of every sample, each valid and able to get SMS."""
    assert {name: mobiles for name, (_lines, mobiles) in table().items()} == {
        name: sum(map(len, lists.values())) for name, lists in MOBILES.items()
    }
    mobile = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)
    for lists in MOBILES.values():
        for number in set().union(*lists.values()):
            parsed = phonenumbers.parse(number)
            assert phonenumbers.is_valid_number(parsed), number
            assert phonenumbers.number_type(parsed) in mobile, number


@pytest.mark.parametrize("name", MOBILES)
def test_check_finds_exactly_the_mobiles(name, tmp_path, environment):
    """`ptx-bulk check` finds exactly the mobiles of every sample, each for its list, and the lines said."""
    report = tmp_path / "report.csv"
    words = ["check", str(SAMPLES / name), "--json", "--report", str(report), *OPTIONS.get(name, [])]
    _code, out, err = run_command(words, tmp_path, environment)
    assert out, err
    summary = json.loads(out)
    assert sum(summary["counts"].values()) == table()[name][0]
    found: dict[str, set[str]] = defaultdict(set)
    with report.open(encoding="utf-8-sig", newline="") as lines:
        for line in csv.DictReader(lines):
            if line["status"] == "valid":
                found[line["list"]].add(line["e164"])
    assert found == MOBILES[name]

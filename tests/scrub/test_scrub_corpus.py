"""Scrubbing the writings of the corpus."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

import ptx_bulk
from tests.conftest import ROOT
from tests.scrub.people import scrubbed

CORPUS = ROOT.parent / "shared" / "corpus" / "expected_fr.csv"

pytestmark = pytest.mark.corpus


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not here")
def test_no_writing_of_the_corpus_is_kept(tmp_path: Path) -> None:
    """No cell of the corpus that is a listed number stays in the kept part, in whatever writing."""
    with CORPUS.open(encoding="utf-8", newline="") as file:
        cells = [one for one in csv.DictReader(file) if one["default_region"] == "FR" and one["cell_type"] == "text"]
    accepted = sorted({number for one in cells for number in one["accepted"].split(";") if number})
    lists, path = tmp_path / "lists.csv", tmp_path / "c.csv"
    lists.write_text("phone,list\n" + "".join(f"{number},stop\n" for number in accepted), encoding="utf-8")
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows(
            [("Nom", "Portable"), *((f"N{at}", one["raw"]) for at, one in enumerate(cells))]
        )
    found, made = scrubbed(path, lists, delimiter=";")
    with made["kept"].open(encoding="utf-8", newline="") as file:
        kept = [row[1] for row in csv.reader(file, delimiter=";")][1:]
    numbers = ptx_bulk.normalise(kept, accept="any")["number"]
    assert not {f"+{number}" for number in numbers if number} & set(accepted)
    assert found.counts.rows == len(cells)
    assert found.counts.removed >= sum(bool(one["accepted"]) for one in cells)

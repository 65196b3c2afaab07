"""The main job, end to end, as a user runs it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import xlsxwriter

from tests.conftest import SAMPLES, served

NUMBERS = [f"+336000001{n:02d}" for n in range(20)]


def read(path: Path | str) -> list[dict[str, str]]:
    with Path(path).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def listed(run, *options, **extra) -> dict[str, set[str]]:
    ran = run("export", "-o", "-", *options, **extra)
    assert ran.code == 0, ran.err
    lists: dict[str, set[str]] = {"stop": set(), "npai": set()}
    for row in csv.DictReader(ran.out.splitlines()):
        lists[row["list"]].add(row["phone"])
    return lists


def write_csv(path: Path, numbers: list[str], heading: str = "Portable") -> Path:
    path.write_text("\n".join([heading, *numbers, ""]), encoding="utf-8")
    return path


@pytest.fixture(params=["embedded", pytest.param("served", marks=pytest.mark.slow)])
def where(request, environment):
    """The same run against the embedded sandbox and against one over HTTP: options and key."""
    if request.param == "embedded":
        yield ("--sandbox",), {}
        return
    with served(environment=environment) as url:
        yield ("--base-url", url), {"key": "sandbox"}


@pytest.mark.slow
def test_import_export_remove_round_trip(run, where):
    """Import lists exactly the valid mobiles, again it changes nothing, its export imports to nothing."""
    options, extra = where
    first = run("import", SAMPLES / "stops.xlsx", "--json", *options, **extra)
    assert first.code == 4, first.err
    added = first.json["counts"]["applied"]
    assert first.json["verified"] == {"yes": added, "no": 0}
    assert first.json["remote"] == {"before": 0, "after": added}
    assert sum(first.json["counts"].values()) == len(read_any(run, first))
    stop = listed(run, *options, **extra)["stop"]
    assert len(stop) == added == 19

    again = run("import", SAMPLES / "stops.xlsx", "--json", *options, **extra)
    assert "applied" not in again.json["counts"]
    assert again.json["codes"]["ALREADY_LISTED"] == added

    assert run("export", "-o", "lists.csv", *options, **extra).code == 0
    back = run("import", "lists.csv", "--json", *options, **extra)
    assert (back.code, back.json["counts"]) == (0, {"unchanged": added})

    refused = run("remove", "lists.csv", "--yes", "--json", *options, **extra)
    assert (refused.code, refused.json["counts"]) == (7, {"not_attempted": added})
    assert "--allow-stop-removal" in refused.err
    allowed = ("--allow-stop-removal", "--reason", "trial")
    assert run("remove", "lists.csv", "--yes", *allowed, *options, **extra).code == 7
    assert run("remove", "lists.csv", "--max-removals", "100%", *allowed, *options, **extra).code == 7
    assert listed(run, *options, **extra)["stop"] == stop
    done = run("remove", "lists.csv", "--yes", "--max-removals", "100%", *allowed, "--json", *options, **extra)
    assert (done.code, done.json["counts"]) == (0, {"applied": added})
    assert listed(run, *options, **extra) == {"stop": set(), "npai": set()}


def read_any(run, ran) -> list:
    import pandas as pd

    path = run.folder / ran.json["reports"][0]
    frame = (
        pd.read_excel(path, dtype=str, engine="openpyxl") if path.suffix == ".xlsx" else pd.read_csv(path, dtype=str)
    )
    return frame.to_dict("records")


@pytest.mark.slow
def test_both_lists_from_one_file(run):
    """A column that says STOP or NPAI sends each row to its list."""
    assert run("import", SAMPLES / "both-lists.xlsx", "--sandbox").code in (0, 4)
    assert {name: len(numbers) for name, numbers in listed(run, "--sandbox").items()} == {"stop": 4, "npai": 4}


@pytest.mark.slow
def test_sync_makes_the_list_equal(run):
    """Sync adds what is missing and removes what the file lacks; the removals are lines without a row."""
    write_csv(run.folder / "a.csv", NUMBERS[:15])
    write_csv(run.folder / "b.csv", NUMBERS[3:18])
    assert run("import", "a.csv", "--list", "npai", "--sandbox").code == 0
    report = ("--report", "sync.csv")
    ran = run("sync", "b.csv", "--list", "npai", "--yes", "--json", "--sandbox", *report)
    assert (ran.code, ran.json["counts"]) == (0, {"applied": 6, "unchanged": 12})
    assert listed(run, "--sandbox")["npai"] == set(NUMBERS[3:18])
    lines = read(run.folder / "sync.csv")
    assert [(line["row"], line["e164"], line["code"]) for line in lines[-3:]] == [
        ("", number, "REMOVED") for number in NUMBERS[:3]
    ]


@pytest.mark.slow
def test_dry_run_and_diff_send_nothing_and_agree(run):
    """A dry run and diff plan exactly what the run then does, and change nothing."""
    write_csv(run.folder / "a.csv", [*NUMBERS[:5], "0123456789", "", NUMBERS[0]])
    dry = run("import", "a.csv", "--dry-run", "--json", "--sandbox", "--report", "dry.csv")
    assert (dry.code, dry.json["counts"]) == (4, {"unchanged": 1, "rejected": 1, "planned": 5})
    assert listed(run, "--sandbox")["stop"] == set()
    diff = run("diff", "a.csv", "--json", "--sandbox", "--report", "diff.csv")
    strip = [{k: v for k, v in row.items() if k != "run_id"} for row in read(run.folder / "dry.csv")]
    assert strip == [{k: v for k, v in row.items() if k != "run_id"} for row in read(run.folder / "diff.csv")]
    assert diff.json["counts"] == dry.json["counts"]
    real = run("import", "a.csv", "--json", "--sandbox", "--report", "real.csv")
    assert real.json["counts"]["applied"] == 5
    for planned, applied in zip(strip, read(run.folder / "real.csv"), strict=True):
        assert (planned["action"], planned["e164"]) == (applied["action"], applied["e164"])


@pytest.mark.slow
def test_diff_exit_code_tells_whether_something_would_change(run):
    """`diff --exit-code` ends with 10 when something would change and 9 when nothing would."""
    write_csv(run.folder / "a.csv", NUMBERS[:3])
    assert run("diff", "a.csv", "--exit-code", "--sandbox").code == 10
    assert run("import", "a.csv", "--sandbox").code == 0
    assert run("diff", "a.csv", "--exit-code", "--sandbox").code == 9


@pytest.mark.slow
def test_global_options_stand_before_or_after_the_command(run):
    """`--sandbox` and `--json` mean the same on both sides of the command's name."""
    write_csv(run.folder / "a.csv", NUMBERS[:2])
    before = run("--sandbox", "--json", "diff", "a.csv")
    after = run("diff", "a.csv", "--json", "--sandbox")
    assert before.json["counts"] == after.json["counts"] == {"planned": 2}


@pytest.mark.slow
def test_reports_are_named_after_the_input_and_never_overwritten(run):
    """Default reports stand in the current folder, named after input and run; an existing path is refused."""
    write_csv(run.folder / "stops.csv", [NUMBERS[0], "06 12 34"])
    ran = run("check", "stops.csv", "--json")
    run_id = ran.json["run_id"]
    assert sorted(ran.json["reports"]) == [f"stops.{run_id}.rejects.csv", f"stops.{run_id}.results.csv"]
    rejects = read(run.folder / f"stops.{run_id}.rejects.csv")
    assert [(row["Portable"], row["ptx_code"]) for row in rejects] == [("06 12 34", "TOO_SHORT")]
    (run.folder / "mine.csv").write_text("keep me")
    refused = run("import", "stops.csv", "--sandbox", "--report", "mine.csv")
    assert refused.code != 0
    assert "mine.csv" in refused.err
    assert (run.folder / "mine.csv").read_text() == "keep me"
    assert listed(run, "--sandbox")["stop"] == set()


@pytest.mark.slow
def test_rejects_are_mended_and_imported_again(run):
    """A rejects file whose cells were mended imports as it is."""
    write_csv(run.folder / "stops.csv", [NUMBERS[0], "06 12 34"])
    ran = run("import", "stops.csv", "--json", "--sandbox")
    path = next(run.folder / name for name in ran.json["reports"] if "rejects" in name)
    path.write_text(path.read_text(encoding="utf-8-sig").replace("06 12 34", "06 00 00 01 77"), encoding="utf-8")
    mended = run("import", path.name, "--json", "--sandbox")
    assert (mended.code, mended.json["counts"]) == (0, {"applied": 1})
    assert listed(run, "--sandbox")["stop"] == {NUMBERS[0], "+33600000177"}


def test_empty_cells_alone_are_no_failure(run):
    """An empty phone cell is a line, yet by itself makes neither exit 4 nor a rejects file."""
    (run.folder / "crm.csv").write_text(f"Nom;Mobile\nA;{NUMBERS[0]}\nB;\n;\n", encoding="utf-8")
    ran = run("check", "crm.csv", "--json")
    assert (ran.code, ran.json["counts"], ran.json["codes"]) == (0, {"rejected": 1, "valid": 1}, {"EMPTY": 1})
    told = ran.json["input"]
    assert {name: told[name] for name in ("files", "rows", "blank", "excluded")} == {
        "files": ["crm.csv"],
        "rows": 2,
        "blank": 1,
        "excluded": 0,
    }
    assert len(ran.json["reports"]) == 1


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("import", "missing.csv", "--sandbox"), 3, "missing.csv"),
        (("import", "empty.csv", "--sandbox"), 3, "empty.csv"),
        (("check", "pdf.xlsx"), 3, "PDF"),
        (("import", "stops.csv"), 2, "PTX_API_KEY"),
        (("import", "stops.csv"), 2, "--sandbox"),
        (("import",), 2, "FILE"),
        (("imprt", "x"), 2, "import"),
        (("import", "stops.csv", "--base-url", "http://example.com"), 2, "https"),
        (("import", "stops.csv", "--max-removals", "many", "--sandbox"), 2, "--max-removals"),
        (("check", "stops.csv", "--column", "Fax"), 3, "Fax"),
        (("check", "stops.csv", "--region", "XX"), 2, "XX"),
        (("undo", "nothing", "--sandbox"), 2, "nothing"),
        (("resume", "nothing", "--sandbox"), 2, "nothing"),
        (("apply", "missing.json", "--sandbox"), 3, "missing.json"),
    ],
)
def test_errors_are_one_sentence_with_their_exit_code(run, arguments, code, words):
    """A mistake ends with its own exit code and one sentence; --json is printed all the same."""
    write_csv(run.folder / "stops.csv", NUMBERS[:1])
    (run.folder / "empty.csv").write_bytes(b"")
    (run.folder / "pdf.xlsx").write_bytes(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n")
    extra = {"key": "k"} if "--base-url" in arguments else {}
    ran = run(*arguments, "--json", **extra)
    assert ran.code == code, ran.err
    assert words in ran.err
    assert ran.err.strip().splitlines()[-1].startswith("Error: ")
    assert ran.json["exit_code"] == code


@pytest.mark.slow
@pytest.mark.parametrize("style", ["e164", "national", "international", "msisdn"])
def test_an_export_in_any_style_reads_back_to_the_same_numbers(run, style):
    """What a style would make somebody else's number when read again is written with + and country code."""
    mobiles = ["+687751234", "+41791234567", "+33612345678", "+262692123456", "+376312345", "+12015550123"]
    write_csv(run.folder / "in.csv", mobiles)
    assert run("import", "in.csv", "--sandbox", "-q").code == 0
    exported = run("export", "-o", "out.csv", "--format", style, "--json", "--sandbox")
    assert exported.json["exported"] == {"stop": len(mobiles), "npai": 0}
    assert run("check", "out.csv", "--report", "back.csv", "-q").code == 0
    assert {line["e164"] for line in read(run.folder / "back.csv")} == set(mobiles)


def test_nothing_to_resume_is_done_too(run):
    """`resume` without an interrupted run says so and ends with 0."""
    ran = run("resume", "--sandbox", "--json")
    assert (ran.code, ran.json["exit_code"]) == (0, 0)
    assert ran.err.strip() == "There is no interrupted run of this account to resume."


def test_a_wrong_key_is_refused_at_once(run, sandbox):
    """A refused key ends with exit 6, one sentence, nothing sent and the key in no output."""
    write_csv(run.folder / "stops.csv", NUMBERS[:1])
    ran = run("import", "stops.csv", "--json", "--base-url", sandbox, key="wrong-key-123")
    assert (ran.code, ran.json["exit_code"]) == (6, 6)
    reading, sentence = ran.err.strip().splitlines()
    assert (reading[:7], sentence[:6]) == ("Reading", "Error:")
    assert "wrong-key-123" not in ran.out + ran.err


@pytest.mark.slow
def test_faults_on_the_wire_lose_nothing(run, environment):
    """With 5% each of 500, 429, reset before and reset after the change, every number ends on the list."""
    numbers = [f"+33600{n:06d}" for n in range(1500)]
    write_csv(run.folder / "many.csv", numbers)
    faults = [f"--fault={kind}=0.05" for kind in ("500", "429", "reset-before", "reset-after")]
    with served(*faults, environment=environment) as url:
        ran = run("import", "many.csv", "--json", "--base-url", url, key="sandbox")
        assert set(ran.json["counts"]) <= {"applied", "unchanged"}, ran.json
        assert sum(ran.json["counts"].values()) == len(numbers)
        assert ran.code == 0
        assert listed(run, "--base-url", url, key="sandbox")["stop"] == set(numbers)


@pytest.mark.slow
def test_a_workbook_of_many_rows_is_reported_as_csv_and_that_is_said(run):
    """More than 200,000 lines of a workbook give a CSV report, and a sentence says so and how to get a workbook."""
    book = xlsxwriter.Workbook(str(run.folder / "many.xlsx"), {"constant_memory": True})
    sheet = book.add_worksheet()
    sheet.write_string(0, 0, "Mobile")
    for at in range(1, 200_002):
        sheet.write_string(at, 0, f"+336{at:08d}")
    book.close()
    ran = run("check", "many.xlsx", "--json")
    assert ran.json["reports"] == [f"many.{ran.json['run_id']}.results.csv"]
    assert "200,001 lines" in ran.err
    assert "--report" in ran.err

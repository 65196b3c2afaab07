"""The changes command: feeds as files, for a CRM, from where a bookmark says."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pandas as pd
import pytest

from ptx_bulk.journal import Journal
from ptx_bulk.model import FEED_COLUMNS

FORMATS = ("csv", "json", "parquet", "xlsx")
FIRST, SECOND, THIRD = "+33612345678", "+33612345679", "+33612345680"


def imported(run, *phones: str, kind: str = "stop") -> str:
    """The run that added these numbers."""
    (run.folder / "in.csv").write_text("\n".join(["Mobile", *phones, ""]))
    return run("--sandbox", "import", "in.csv", "--list", kind, "--json").json["run_id"]


def removed(run, *phones: str, kind: str = "stop") -> str:
    (run.folder / "out.csv").write_text("\n".join(["Mobile", *phones, ""]))
    leave = ("--allow-stop-removal", "--reason", "signed opt-in", "--max-removals", "100%", "--yes")
    return run("--sandbox", "remove", "out.csv", "--list", kind, *leave, "--json").json["run_id"]


def rows(text: str, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text), delimiter=delimiter))


@pytest.mark.slow
def test_what_came_and_left_since_a_run_in_every_format(run) -> None:
    """Each format holds the same events, and the object counts them."""
    start = imported(run, FIRST, SECOND)
    gone = removed(run, FIRST)
    come = imported(run, THIRD, kind="npai")
    wanted = [(FIRST, "stop", "removed", gone), (THIRD, "npai", "added", come)]  # by list where one second saw both
    told = [run("--sandbox", "changes", "--since", start, "-o", f"f.{form}", "--json") for form in FORMATS]
    for form, ran in zip(FORMATS, told, strict=True):
        assert (ran.code, ran.json["exit_code"], ran.json["command"]) == (0, 0, "changes")
        assert ran.json["reports"] == [f"f.{form}"]
        assert ran.json["changes"] == {
            "stop": {"added": 0, "removed": 1, "listed_anew": 0},
            "npai": {"added": 1, "removed": 0, "listed_anew": 0},
        }
    frames = [
        pd.read_csv(run.folder / "f.csv", dtype=str),
        pd.DataFrame(json.loads((run.folder / "f.json").read_bytes())),
        pd.read_parquet(run.folder / "f.parquet"),
        pd.read_excel(run.folder / "f.xlsx", dtype=str, engine="openpyxl"),
    ]
    for frame in frames:
        assert list(frame.columns) == list(FEED_COLUMNS)
        events = frame[["phone", "list", "event", "run_id"]].itertuples(index=False, name=None)
        assert sorted(events) == wanted


@pytest.mark.slow
def test_without_a_file_the_feed_is_csv_on_standard_output(run) -> None:
    """No -o is -o -, but with --json nothing is written and the events are counted all the same."""
    imported(run, FIRST)
    for arguments in ((), ("-o", "-")):
        assert [row["phone"] for row in rows(run("--sandbox", "changes", *arguments).out)] == [FIRST]
    told = run("--sandbox", "changes", "--json").json
    assert (told["reports"], told["changes"]["stop"]["added"]) == ([], 1)


CRM_ROWS = {
    "hubspot": [
        {"Mobile phone number": FIRST, "Country/Region": "FR", "SMS opt-out": "false"},
        {"Mobile phone number": THIRD, "Country/Region": "FR", "SMS opt-out": "true"},
    ],
    "brevo": [{"SMS": THIRD}],
    "klaviyo": [{"Phone Numbers": THIRD, "Country": "FR"}],
    "salesforce": [
        {"_MobileNumber": THIRD[1:], "_Locale": "FR", "_ContactKey": THIRD[1:], "_Status": "Unsubscribe"},
    ],
}


@pytest.mark.slow
def test_a_crm_is_told_who_is_opted_out_and_in_again(run) -> None:
    """A CRM gets its own columns for both directions; opt-ins that its import cannot take are left out and told."""
    start = imported(run, FIRST, SECOND)
    removed(run, FIRST)
    imported(run, THIRD)
    for crm, wanted in CRM_ROWS.items():
        ran = run("--sandbox", "changes", "--since", start, "--for", crm)
        assert rows(ran.out) == wanted
        assert ("1 number left the lists" in ran.err) == (crm != "hubspot")


@pytest.mark.slow
def test_a_bookmark_leads_from_feed_to_feed(run) -> None:
    """The first feed holds all, the next what came since; the bookmark is the run of the last one."""
    imported(run, FIRST)
    nightly = ("--sandbox", "changes", "--bookmark", "crm.bookmark", "--json", "-o")
    assert run(*nightly, "1.csv").json["changes"]["stop"]["added"] == 1
    imported(run, SECOND)
    second = run(*nightly, "2.csv").json
    assert [row["phone"] for row in rows((run.folder / "2.csv").read_text())] == [SECOND]
    assert (run.folder / "crm.bookmark").read_text() == f"{second['run_id']} both\n"
    assert run(*nightly, "3.csv").json["changes"]["stop"]["added"] == 0


@pytest.mark.slow
def test_a_feed_that_nobody_took_is_not_overwritten(run) -> None:
    """With a bookmark a feed that is still there ends the command before anything is read, and the bookmark stays."""
    imported(run, FIRST)
    nightly = ("--sandbox", "changes", "--bookmark", "crm.bookmark", "-o", "feed.csv")
    assert run(*nightly).code == 0
    before = [(run.folder / name).read_bytes() for name in ("feed.csv", "crm.bookmark")]
    imported(run, SECOND)
    again = run(*nightly)
    assert (again.code, "feed.csv is there already" in again.err) == (2, True)
    assert [(run.folder / name).read_bytes() for name in ("feed.csv", "crm.bookmark")] == before
    (run.folder / "feed.csv").unlink()
    assert run(*nightly).code == 0
    assert [row["phone"] for row in rows((run.folder / "feed.csv").read_text())] == [SECOND]


@pytest.mark.slow
def test_a_bookmark_is_of_the_lists_of_its_feed(run) -> None:
    """A feed of other lists than the bookmark's is refused, since what came to the others would never be told."""
    imported(run, FIRST)
    feed = ("--sandbox", "changes", "--bookmark", "crm.bookmark", "-o")
    assert run(*feed, "1.csv").code == 0
    imported(run, SECOND, kind="npai")
    other = run(*feed, "2.csv", "--list", "stop")
    assert (other.code, "--list both" in other.err, (run.folder / "2.csv").exists()) == (2, True, False)
    assert run(*feed, "3.csv").code == 0
    assert [row["phone"] for row in rows((run.folder / "3.csv").read_text())] == [SECOND]


@pytest.mark.slow
def test_a_bookmark_of_an_earlier_version_leads_on(run) -> None:
    """A file with the name of a run alone is a bookmark, too, of whatever lists."""
    (run.folder / "old").write_text(f"{imported(run, FIRST)}\n")
    imported(run, SECOND)
    ran = run("--sandbox", "changes", "--list", "stop", "--bookmark", "old", "-o", "feed.csv")
    assert (ran.code, [row["phone"] for row in rows((run.folder / "feed.csv").read_text())]) == (0, [SECOND])


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("--bookmark", "b", "--since", "2026-01-01", "-o", "f.csv"), "--since and --bookmark"),
        (("--bookmark", "b", "--json"), "--bookmark needs -o"),
        (("--bookmark", "bad", "-o", "f.csv"), "bad holds no name of a run"),
        (("--bookmark", "f.csv", "-o", "f.csv"), "f.csv"),
        (("-o", "-", "--json"), "standard output"),
        (("-o", "f.pdf"), "f.pdf"),
        (("--for", "nobody"), "nobody"),
        (("--since", "2020-01-01"), "2020-01-01"),
        (("--since", "2126-01-31"), "in the future"),
        (("--since", "0001-01-01"), "No snapshot"),
        (("--since", "9999-12-31T23:59:59-12:00"), "in the future"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_read(run, environment, arguments, word) -> None:
    """A wrong beginning, end or CRM is exit 2 in one sentence, and no reading is left in the state folder."""
    (run.folder / "bad").write_text("+33612345678 and more\n")
    ran = run("--sandbox", "changes", *arguments)
    assert (ran.code, word in ran.err) == (2, True), ran.err
    assert sorted(path.name for path in run.folder.iterdir()) == ["bad"]
    with Journal(Path(environment["PTX_HOME"])) as journal:
        assert journal.db.execute("SELECT count(*) FROM snapshots").fetchone() == (0,)


@pytest.mark.slow
def test_offline_needs_no_network(run, sandbox) -> None:
    """Offline the local snapshots are compared, and the address is never called."""
    started = run("--base-url", sandbox, "changes", "--json", key="sandbox").json
    assert run("--base-url", sandbox, "import", _file(run, FIRST), key="sandbox").code == 0
    args = ("--base-url", sandbox, "changes", "--since", started["run_id"], "--offline")
    online = run(*args, key="sandbox").out
    assert [row["phone"] for row in rows(online)] == [FIRST]


def _file(run, *phones: str) -> Path:
    path = run.folder / "served.csv"
    path.write_text("\n".join(["Mobile", *phones, ""]))
    return path


@pytest.mark.slow
def test_a_job_file_keeps_a_crm_in_step(run) -> None:
    """A job holds the nightly feed; its bookmark and files are beside the job file, and a dry run moves none."""
    imported(run, FIRST)
    folder = run.folder / "jobs"
    folder.mkdir()
    (folder / "feed.toml").write_text(
        'command = "changes"\n[options]\nfor = "hubspot"\nbookmark = "crm.bookmark"\n'
        'output = "feed-{datetime}.csv"\ndialect = "excel-fr"\n'
    )
    dry = run("--sandbox", "run", "jobs/feed.toml", "--dry-run")
    assert (dry.code, "--dry-run" in dry.err, len(list(folder.iterdir()))) == (2, True, 1)
    assert run("--sandbox", "run", "jobs/feed.toml").code == 0
    [feed] = folder.glob("feed-*.csv")
    assert feed.read_bytes().startswith(
        b"\xef\xbb\xbfMobile phone number;Country/Region;SMS opt-out\r\n+33612345678;FR;"
    )
    assert (folder / "crm.bookmark").is_file()

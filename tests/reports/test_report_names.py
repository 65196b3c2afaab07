"""Names of reports: valid, short enough, not growing; and places that are refused before anything is done."""

from __future__ import annotations

import os
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptx_bulk.errors import ConfigurationError, PlaceRefused, ReportError
from ptx_bulk.reports import check_places, free, label_of, rejects_path, results_path, try_folder
from ptx_bulk.reports.places import valid_on_windows

RUN = "20261123-101500-abcd"
READ_ONLY = Path("/proc")  # nobody may write there, root neither


@pytest.mark.parametrize(
    ("first", "stem"),
    [
        ("stops.20261101-000000-zzzz.rejects.csv", "stops"),
        ("stops.20261101-000000-zzzz.rejects-2.csv", "stops"),
        ("stops.20261101-000000-zzzz.rejects.2.csv", "stops"),
        ("stops.20261101-000000-zzzz.rejects.20261102-000000-zzzz.rejects.csv", "stops"),
        ("stops.20261101-000000-zzzz.results.csv", "stops"),
        ("stops.2026.rejects.csv", "stops.2026.rejects"),
        ("..", "input"),
        ("/", "input"),
        ("C:\\x.csv", "C__x" if os.name != "nt" else "x"),
        ("😀 été.csv", "😀 été"),
        ("a\x1b[31m\u202eb\nc.csv", "a_[31m_b_c"),
        ("caf\udce9.csv", "caf_"),
        ("/dev/fd/63", "63"),
        ("con.csv", "_con"),
        ("a:b?.csv", "a_b_"),
    ],
)
def test_the_stem_is_the_input_and_no_more(tmp_path: Path, first: str, stem: str) -> None:
    """A report is named after its input without what earlier runs added, and without what no name may hold."""
    assert results_path(first, RUN, 1, tmp_path).name == f"{stem}.{RUN}.results.csv"


def test_mending_does_not_lengthen_a_name(tmp_path: Path) -> None:
    """However often a rejects file is mended and imported, the next one's name has the same length."""
    name = "stops.csv"
    for day in range(10, 20):
        name = rejects_path(name, f"202611{day}-101500-abcd", 1, tmp_path).name
        assert name == f"stops.202611{day}-101500-abcd.rejects.csv"


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=300))
def test_a_default_name_can_always_be_made(name: str) -> None:
    """Whatever the input's name, both default names can be files here, whole characters, run and kind included."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        for path in (results_path(name, RUN, 1, Path(folder)), rejects_path(name, RUN, 1, Path(folder))):
            assert len(os.fsencode(path.name)) <= 255 - 8
            assert f".{RUN}.re" in path.name
            assert valid_on_windows(path.name)
            path.touch()
            free(path).touch()


@pytest.mark.parametrize("letter", ["a", "é", "😀"])
@pytest.mark.parametrize("size", [200, 222, 223, 251])
def test_a_long_stem_loses_its_end(tmp_path: Path, letter: str, size: int) -> None:
    """From the length on that does not fit, the stem is cut between two characters, and the name stays unique."""
    stem = letter * (size // len(letter.encode()))
    results, rejects = (make(f"{stem}.csv", RUN, 1, tmp_path) for make in (results_path, rejects_path))
    for path in (results, rejects):
        path.touch()
        kept = path.name.split(".")[0]
        assert stem.startswith(kept)
        assert len(kept.encode()) >= min(200, len(stem.encode())) - 3
    assert free(results) != results
    free(results).touch()


def test_names_that_are_promised_are_not_free(tmp_path: Path) -> None:
    """A name that another report of the same run will take, a file, and a dangling link are not free."""
    wished = tmp_path / "r.csv"
    (tmp_path / "r-2.csv").touch()
    (tmp_path / "r-3.csv").symlink_to(tmp_path / "nowhere")
    assert free(wished, {wished}) == tmp_path / "r-4.csv"


def refused(*paths: Path, **options: object) -> str:
    """Why the places are refused; nothing is left behind by the trial."""
    with pytest.raises(PlaceRefused) as caught:
        check_places(paths, **options)
    assert caught.value.exit_code == 2
    assert isinstance(caught.value, ReportError)
    return str(caught.value)


def test_good_places_stay_as_they_were(tmp_path: Path) -> None:
    """Trying a place leaves nothing there."""
    (tmp_path / "in.csv").touch()
    check_places([tmp_path / "a.csv", tmp_path / "b.csv"], inputs=["-", str(tmp_path / "in.csv"), "no such file"])
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_a_taken_name_is_refused(tmp_path: Path) -> None:
    """A file, a folder, a link and a dangling link are not overwritten."""
    (tmp_path / "file.csv").touch()
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "link.csv").symlink_to(tmp_path / "file.csv")
    (tmp_path / "dangling.csv").symlink_to(tmp_path / "nowhere")
    for name in ("file.csv", "folder.csv", "link.csv", "dangling.csv"):
        assert f"{name} is there already" in refused(tmp_path / name)


def test_one_file_under_two_spellings_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two names of one file are found out, whether by dots, by a link to the folder, or by composed letters."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "real").mkdir()
    (tmp_path / "alias").symlink_to(tmp_path / "real")
    pairs = [
        ("a.csv", "./a.csv"),
        ("a.csv", str(tmp_path / "a.csv")),
        ("real/a.csv", "alias/a.csv"),
        ("real/a.csv", "real/../alias/a.csv"),
        ("\u00e9.csv", "e\u0301.csv"),
    ]
    for one, other in pairs:
        assert "names the same file" in refused(Path(one), Path(other))
    check_places([Path("a.csv"), Path("real/a.csv"), Path("b.csv")])


def test_letters_of_another_case_count_where_the_file_system_says_so(tmp_path: Path) -> None:
    """`a.csv` and `A.csv` are one file exactly where the file system takes them for one."""
    (tmp_path / "probe").touch()
    same = (tmp_path / "PROBE").exists()
    assert try_folder(tmp_path) == same
    places = [tmp_path / "a.csv", tmp_path / "A.csv"]
    if same:
        assert "names the same file" in refused(*places)
    else:
        check_places(places)


def test_an_input_is_no_place_for_output(tmp_path: Path) -> None:
    """A file that is read is not written over, under whatever name, even where older files may be replaced."""
    (tmp_path / "in.csv").touch()
    (tmp_path / "alias.csv").symlink_to(tmp_path / "in.csv")
    for name in ("in.csv", "alias.csv"):
        assert "one of the files that are read" in refused(
            tmp_path / name, inputs=[str(tmp_path / "in.csv")], replace=True
        )
    (tmp_path / "old.csv").touch()
    check_places([tmp_path / "old.csv"], replace=True)
    (tmp_path / "folder.csv").mkdir()
    assert "folder has that name" in refused(tmp_path / "folder.csv", replace=True)


def test_a_folder_that_cannot_be_written_to_is_refused(tmp_path: Path) -> None:
    """A missing folder, a file in place of the folder, and a folder without the right are refused by name."""
    assert "nowhere" in refused(tmp_path / "nowhere" / "a.csv")
    (tmp_path / "file").touch()
    assert "folder does not exist" in refused(tmp_path / "file" / "a.csv")
    if READ_ONLY.is_dir():
        assert "a.csv cannot be written" in refused(READ_ONLY / "a.csv")
        with pytest.raises(PlaceRefused, match=r"/proc; name another place with --report"):
            try_folder(READ_ONLY)
    if sys.platform != "win32" and os.geteuid():
        (tmp_path / "shut").mkdir(mode=0o500)
        assert "may not write there" in refused(tmp_path / "shut" / "a.csv")


@pytest.mark.parametrize("letter", ["a", "é", "😀"])
def test_a_name_that_is_too_long_is_refused(tmp_path: Path, letter: str) -> None:
    """The longest name that can be made is accepted, one character more is refused; so it is with a NUL and none."""
    most = 251 // len(letter.encode())
    check_places([tmp_path / f"{letter * most}.csv"])
    (tmp_path / f"{letter * most}.csv").touch()
    assert "name is too long" in refused(tmp_path / f"{letter * (most + 1)}.csv")
    assert "not a name" in refused(tmp_path / "a\0b.csv")
    assert "not a name" in refused(Path())


@pytest.mark.parametrize(
    ("name", "valid"),
    [
        ("stops.csv", True),
        ("été 😀.csv", True),
        ("console.csv", True),
        ("a:b.csv", False),
        ("a?.csv", False),
        ("a\nb.csv", False),
        ("con.csv", False),
        ("COM1.results.csv", False),
        ("lpt³", False),
        ("nul .csv", False),
        ("a.csv.", False),
        ("a.csv ", False),
    ],
)
def test_names_on_windows(name: str, valid: bool) -> None:
    """Devices, streams, wildcards, controls and endings that Windows drops are no names there."""
    assert valid_on_windows(name) is valid


def test_the_errors_of_places_and_endings_are_configuration() -> None:
    """What is wrong with a report's name before the work is of the same exit code as any wrong option."""
    assert PlaceRefused("").exit_code == ConfigurationError("").exit_code == 2


def test_labels_differ_where_a_file_system_sees_no_difference() -> None:
    """Two accounts whose names differ in capitals or in how an accent is stored alone get labels that differ."""
    labels: set[str] = set()
    for name in ("\u00c9t\u00e9", "E\u0301te\u0301", "\u00e9t\u00e9"):
        labels.add(label_of(name, {label.casefold() for label in labels}))
    assert len({unicodedata.normalize("NFC", label).casefold() for label in labels}) == 3

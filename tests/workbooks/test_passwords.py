"""Workbooks behind a password: opened with it, refused without it, and no decrypted copy left."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter
from msoffcrypto.format.ooxml import OOXMLFile

from ptx_bulk.errors import ConfigurationError, UnreadableFile
from ptx_bulk.workbooks import Limits, Reading, ReadOptions
from ptx_bulk.workbooks.storing import store_file

Opened = Callable[..., Reading]
Make = Callable[..., Path]

PASSWORD = "sésame, ouvre-toi "


@pytest.fixture
def protected(tmp_path: Path) -> Path:
    """A workbook encrypted as Excel does it."""
    plain, path = tmp_path / "plain.xlsx", tmp_path / "liste.xlsx"
    with xlsxwriter.Workbook(plain) as book:
        book.add_worksheet().write_column(0, 0, ["Portable", "0612345678"])
    with plain.open("rb") as file, path.open("wb") as out:
        OOXMLFile(file).encrypt(PASSWORD, out)
    plain.unlink()
    return path


@pytest.mark.parametrize(
    "content",
    ["{}\r\nsecond line", "\ufeff{}\n", *(pytest.param(one, marks=pytest.mark.slow) for one in ("{}", "{}\n"))],
)
def test_the_first_line_of_the_password_file_opens_it(
    content: str, protected: Path, text: Make, opened: Opened
) -> None:
    """The line is taken as it is, blanks included, without its end and without a byte order mark."""
    named = text(content.format(PASSWORD), "password.txt")
    reading = opened(protected, password_file=str(named))
    assert reading.cells["raw"].tolist() == ["0612345678"]
    assert reading.inputs[0].format == "xlsx"
    assert not list(reading.scratch.folder.rglob("decrypted*"))


@pytest.mark.slow
def test_without_or_with_a_wrong_password(protected: Path, text: Make, opened: Opened) -> None:
    """No password names the option; a wrong one, or a file that holds none, is one sentence that does not show it."""
    with pytest.raises(UnreadableFile, match=r"password.*--password-file FILE"):
        opened(protected)
    with pytest.raises(UnreadableFile, match="password is wrong") as raised:
        opened(protected, password_file=str(text("hunter2\n", "a.txt")))
    assert "hunter2" not in str(raised.value)
    for content in ("", "\nx", b"\xff\xfe\x00"):
        with pytest.raises(ConfigurationError, match=r"a\.txt"):
            opened(protected, password_file=str(text(content, "a.txt")))
    with pytest.raises(ConfigurationError, match=r"none\.txt"):
        opened(protected, password_file="none.txt")


@pytest.mark.slow
def test_a_person_is_asked_only_where_it_is_needed(protected: Path, text: Make, tmp_path: Path) -> None:
    """The caller's question comes once, with the file's name, and never for a file without protection."""
    asked: list[str] = []

    def ask(path: str) -> str:
        asked.append(path)
        return PASSWORD

    for number, path in enumerate((protected, text("Portable\n0612345678\n"))):
        folder = tmp_path / str(number)
        folder.mkdir()
        store_file(str(path), folder, ReadOptions(), ask)
        assert not (folder / "decrypted").exists()
    assert asked == [str(protected)]
    with pytest.raises(UnreadableFile, match="--password-file"):
        store_file(str(protected), tmp_path / "0", ReadOptions(), lambda _path: None)


def test_the_bounds_hold_for_the_key(protected: Path, text: Make, opened: Opened) -> None:
    """Deriving the key counts against the time that reading may take."""
    with pytest.raises(UnreadableFile, match="took more than"):
        opened(protected, password_file=str(text(PASSWORD, "a.txt")), limits=Limits(seconds=0.01))

"""Text files whose bytes are unusual: the DOS mark of the end, a wrong `--encoding`, bytes that are no text."""

from __future__ import annotations

import codecs
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from ptx_bulk.errors import UnreadableFile
from ptx_bulk.workbooks import Reading

Opened = Callable[..., Reading]
Make = Callable[..., Path]

LINES = "Nom;Téléphone\r\nHélène;0612345678\r\nPaul;0687654321"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("ending", ["\x1a", "\r\n\x1a", "\r\n" + "\x1a" * 77, "\r\n\x1a\r\n"])
def test_the_dos_mark_of_the_end_is_no_row(ending: str, encoding: str, text: Make, opened: Opened) -> None:
    """Bytes 0x1A after the last line end the file, as in DOS, whatever the encoding; within a cell they stay."""
    reading = opened(text((LINES.replace("Paul", "P\x1al") + ending).encode(encoding)))
    assert reading.tables[0].headings == ["Nom", "Téléphone"]
    assert reading.tables[0].bom == (encoding in {"utf-8-sig", "utf-16"})
    assert reading.cells["raw"].tolist() == ["0612345678", "0687654321"]
    assert reading.tables[0].table.column(0).to_pylist()[2] == "P\x1al"


def test_a_file_of_the_mark_alone_is_empty(text: Make, opened: Opened) -> None:
    """Where nothing stands before the DOS mark there is nothing to read."""
    with pytest.raises(UnreadableFile, match="nothing in it"):
        opened(text(b"\x1a" * 128))


@pytest.mark.parametrize("named", ["utf16", "utf-16-be", "utf_32"])
def test_an_encoding_that_cannot_be_is_a_sentence(named: str, text: Make, opened: Opened) -> None:
    """A file without a zero byte is neither UTF-16 nor UTF-32: the option is named, whatever the file holds."""
    for content in (b"Portable\n0612345678\n", b"Portable\n0612345678\r\n", b"\xff" * 33, bytes(range(128, 256))):
        with pytest.raises(UnreadableFile, match=f"not in the encoding {named}; leave out --encoding"):
            opened(text(content), encoding=named)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_named_without_its_order(encoding: str, text: Make, opened: Opened) -> None:
    """`--encoding utf-16` finds the byte order by the zeros where no mark says it."""
    reading = opened(text(LINES.encode(encoding)), encoding="utf-16")
    assert reading.inputs[0].encoding == encoding
    assert reading.cells["raw"].tolist() == ["0612345678", "0687654321"]


@pytest.mark.parametrize("encoding", [None, "latin-1", "utf-16"])
def test_bytes_that_are_no_text_are_never_shown(encoding: str | None, text: Make, opened: Opened) -> None:
    """A file full of control characters is refused in a sentence that quotes none of it."""
    noise = random.Random(7).randbytes(3000)
    for content in (noise, b"\r\n;" + noise, codecs.BOM_UTF8 + noise, b"x\x03\x04\x14\x08\x00" * 9):
        with pytest.raises(UnreadableFile) as raised:
            opened(text(content), encoding=encoding)
        assert str(raised.value).isascii()
        assert str(raised.value).isprintable()

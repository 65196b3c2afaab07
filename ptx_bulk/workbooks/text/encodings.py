"""Text files of any encoding as clean UTF-8 on disk.

The order is fixed, nothing is guessed by statistics: byte order mark (UTF-32 before UTF-16), the zeros of UTF-16 and
UTF-32 without one, UTF-8 if all of the file is, else cp1252 with those lines read as UTF-8 that are.
"""

from __future__ import annotations

import codecs
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ptx_bulk.errors import ConfigurationError, UnreadableFile
from ptx_bulk.i18n import _, ngettext
from ptx_bulk.workbooks.text.encodings_legacy import legacy_lines

CHUNK = 4 << 20
_HEAD = 4096
_COPY = "utf8.txt"
# Python decodes these, too, but no program writes its files in them.
_NO_FILES = frozenset(
    {"idna", "punycode", "undefined", "unicode-escape", "unicode_escape", "raw-unicode-escape", "raw_unicode_escape"}
)

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DOS_END = b"\x1a"  # DOS and CP/M programs end a text file with it, and fill its last block
_BLOCK = 4096


@dataclass(frozen=True)
class TextFile:
    """A text file as UTF-8 without zeros.

    Attributes:
        path: where the UTF-8 is (the file itself when it needs no change); a mark may stand at its start.
        encoding: of the original.
        bom: whether the original starts with a byte order mark.
        newlines, returns, both: how often LF, CR and CR LF stand in it.
        quotes: how often `"` stands in it.
        blank_lines: whether two line ends follow each other, or one starts the file.
        notices: what the user should know about the decoding.
    """

    path: Path
    encoding: str
    bom: bool
    newlines: int
    returns: int
    both: int
    quotes: int
    blank_lines: bool
    notices: tuple[str, ...] = ()

    @property
    def newline(self) -> str:
        """The line end the file uses most."""
        if self.both * 2 > self.newlines:
            return "\r\n"
        return "\n" if self.newlines or not self.returns else "\r"

    @property
    def regular(self) -> bool:
        """Whether every line ends in LF, or every line in CR LF, and none is blank."""
        return not self.blank_lines and self.returns == self.both and self.both in {0, self.newlines}


def to_utf8(path: Path, folder: Path, wanted: str | None) -> TextFile:
    """Decode the file; a copy is written to `folder` where the bytes are not clean UTF-8 yet, or end as in DOS.

    Args:
        path: the file.
        folder: for the copy.
        wanted: the encoding the user named; None detects it.

    Raises:
        ConfigurationError: there is no such encoding.
        UnreadableFile: the file cannot be in the encoding that was named.
    """
    text = _decoded(path, folder, wanted)
    end = _dos_end(text.path)
    return text if end is None else _shortened(text, end, folder)


def _dos_end(path: Path) -> int | None:
    """Where the text ends in a file whose last bytes are the DOS mark of the end; None in all others."""
    with path.open("rb") as file:
        start = max(0, file.seek(0, os.SEEK_END) - _BLOCK)
        file.seek(start)
        tail = file.read()
    kept = tail.rstrip(_DOS_END + b"\r\n")
    found = tail.find(_DOS_END, len(kept))
    return None if found < 0 else start + found


def _shortened(text: TextFile, end: int, folder: Path) -> TextFile:
    """The text up to the byte `end`, as a copy."""
    copy = folder / "text.txt"
    with text.path.open("rb") as file, copy.open("wb") as out:
        while data := file.read(min(CHUNK, end - out.tell())):
            out.write(data)
    mark = codecs.BOM_UTF8 if text.bom and text.path != folder / _COPY else b""
    surveyed = _sound(copy, mark)
    return replace(surveyed, encoding=text.encoding, bom=text.bom, notices=text.notices)


def _sound(copy: Path, mark: bytes) -> TextFile:
    surveyed = _survey(copy, mark)
    if surveyed is None:  # cannot be: the copy was encoded as UTF-8 just now
        msg = f"{copy} is no UTF-8"
        raise AssertionError(msg)
    return surveyed


def _decoded(path: Path, folder: Path, wanted: str | None) -> TextFile:
    with path.open("rb") as file:
        head = file.read(_HEAD)
    mark, encoding = next(((mark, name) for mark, name in _MARKS if head.startswith(mark)), (b"", ""))
    notices: list[str] = []
    if wanted:
        encoding = _known(wanted)
        mark, encoding = _with_order(encoding, mark, head)
        _check_wide(wanted, encoding, mark, head)
    elif not encoding or encoding.startswith("utf-16"):
        # some exporters put the mark of UTF-16 before UTF-32
        zeros = _by_zeros(head[len(mark) :])
        encoding = zeros if not encoding or zeros.startswith("utf-32") else encoding
    if encoding in {"", "utf-8"}:
        found = _survey(path, mark)
        if found is not None:
            return found
    copy = folder / _COPY
    decode, name = _decoder(path, encoding, len(mark), chosen=bool(wanted))
    lost = _transcode(decode(), copy)
    if lost.replaced:
        notices.append(
            ngettext(
                "{count} character is not {encoding}; a question mark sign stands for it",
                "{count} characters are not {encoding}; question mark signs stand for them",
                lost.replaced,
            ).format(count=lost.replaced, encoding=encoding)
        )
    if lost.zeros:
        notices.append(
            ngettext("{count} zero byte was left out", "{count} zero bytes were left out", lost.zeros).format(
                count=lost.zeros
            )
        )
    return replace(_sound(copy, b""), encoding=name, bom=bool(mark), notices=tuple(notices))


def _check_wide(wanted: str, encoding: str, mark: bytes, head: bytes) -> None:
    """Refuse a file that is said to be UTF-16 or UTF-32: there, every digit and line end has a zero byte."""
    if encoding.startswith(("utf-16", "utf-32")) and not mark and b"\0" not in head:
        raise UnreadableFile(
            _("the file is not in the encoding {name}; leave out --encoding, or name the right one").format(name=wanted)
        )


def _known(wanted: str) -> str:
    try:
        info = codecs.lookup(wanted)
    except (LookupError, ValueError) as error:
        raise ConfigurationError(
            _("there is no encoding named {name}; try utf-8, cp1252, mac-roman or utf-16").format(name=wanted)
        ) from error
    if not getattr(info, "_is_text_encoding", True) or info.name in _NO_FILES or info.incrementaldecoder is None:
        raise ConfigurationError(_("{name} is no encoding of text; try utf-8 or cp1252").format(name=wanted))
    return info.name.removesuffix("-sig")


def _with_order(encoding: str, mark: bytes, head: bytes) -> tuple[bytes, str]:
    """The mark to be skipped, and the encoding with its byte order, which the mark says, the zeros, or nobody."""
    family = encoding[:6]
    if family not in {"utf-8", "utf-16", "utf-32"}:
        return b"", encoding
    marked = next((name for one, name in _MARKS if one == mark), "")
    if not marked.startswith(encoding):
        mark = b"" if not marked.startswith(family) else mark
        marked = ""
    if encoding in {"utf-16", "utf-32"}:
        found = marked or _by_zeros(head)
        encoding = found if found.startswith(family) else f"{family}-le"
    return mark, encoding


def _by_zeros(head: bytes) -> str:
    """UTF-16 or UTF-32 without a mark, by where the zero bytes of Latin letters stand; '' when neither."""
    if len(head) < 8 or head.count(0) * 4 < len(head):
        return ""
    quarters = [head[start::4].count(0) * 4 / len(head) for start in range(4)]
    if min(quarters[1:]) > 0.9 and quarters[0] < 0.1:
        return "utf-32-le"
    if min(quarters[:3]) > 0.9 and quarters[3] < 0.1:
        return "utf-32-be"
    even, odd = head[::2].count(0) * 2 / len(head), head[1::2].count(0) * 2 / len(head)
    if odd > 0.5 and even < 0.1:
        return "utf-16-le"
    return "utf-16-be" if even > 0.5 and odd < 0.1 else ""


def _survey(path: Path, mark: bytes) -> TextFile | None:
    """Count what the fast path must know; None when the file is not UTF-8 or holds zeros."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    newlines = returns = both = quotes = 0
    blank = False
    last = b"\n"
    with path.open("rb") as file:
        file.seek(len(mark))
        while data := file.read(CHUNK):
            if b"\0" in data:
                return None
            try:
                if not data.isascii() or decoder.getstate()[0]:
                    decoder.decode(data)
            except UnicodeDecodeError:
                return None
            seam = last + data
            newlines += data.count(b"\n")
            returns += data.count(b"\r")
            both += seam.count(b"\r\n")
            quotes += data.count(b'"')
            blank = blank or any(pair in seam for pair in (b"\n\n", b"\n\r", b"\r\r"))
            last = data[-1:]
    if decoder.getstate()[0]:
        return None
    return TextFile(
        path=path,
        encoding="utf-8",
        bom=bool(mark),
        newlines=newlines,
        returns=returns,
        both=both,
        quotes=quotes,
        blank_lines=blank,
    )


@dataclass
class _Lost:
    replaced: int = 0
    zeros: int = 0


def _transcode(texts: Iterator[str], copy: Path) -> _Lost:
    lost = _Lost()
    with copy.open("wb") as out:
        for text in texts:
            lost.zeros += text.count("\0")
            lost.replaced += text.count("\ufffd")
            out.write(text.replace("\0", "").encode("utf-8", errors="replace"))
    return lost


def _decoder(path: Path, encoding: str, skip: int, *, chosen: bool) -> tuple[Callable[[], Iterator[str]], str]:
    """How to decode the file, and the name under which the encoding is reported."""
    if encoding in {"", "utf-8"} and not chosen:
        if _valid_utf8(path, skip):
            return lambda: _stream(path, "utf-8", skip), "utf-8"
        return lambda: legacy_lines(path, skip, CHUNK), "cp1252"
    return lambda: _stream(path, encoding, skip), encoding


def _valid_utf8(path: Path, skip: int) -> bool:
    try:
        for _text in _stream(path, "utf-8", skip, errors="strict"):
            pass
    except UnicodeDecodeError:
        return False
    return True


def _stream(path: Path, encoding: str, skip: int, errors: str = "replace") -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    with path.open("rb") as file:
        file.seek(skip)
        while data := file.read(CHUNK):
            yield decoder.decode(data)
        yield decoder.decode(b"", final=True)

"""Text in the code page of old Windows programs, with lines of UTF-8 between: files get glued together."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO

_UTF8_LETTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
# cp1252 leaves five bytes undefined; as Windows does, they become the control characters of Latin-1
_LEGACY = {byte: chr(byte) for byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}
_LEGACY_TABLE = "".join(_LEGACY.get(byte) or bytes([byte]).decode("cp1252") for byte in range(256))


def legacy_lines(path: Path, skip: int, chunk: int) -> Iterator[str]:
    """The text of the file from byte `skip`, read `chunk` bytes at a time: cp1252, but UTF-8 in lines that are that."""
    with path.open("rb") as file:
        file.seek(skip)
        for block in _blocks(file, chunk):
            if not _UTF8_LETTER.search(block):
                yield _cp1252(block)
                continue
            for line in block.splitlines(keepends=True):
                try:
                    yield line.decode("utf-8")
                except UnicodeDecodeError:
                    yield _cp1252(line)


def _cp1252(data: bytes) -> str:
    return codecs.charmap_decode(data, "strict", _LEGACY_TABLE)[0]


def _blocks(file: IO[bytes], chunk: int) -> Iterator[bytes]:
    rest = b""
    while data := file.read(chunk):
        data = rest + data
        cut = max(data.rfind(b"\n"), data.rfind(b"\r")) + 1
        rest = data[cut:]
        if cut:
            yield data[:cut]
    yield rest

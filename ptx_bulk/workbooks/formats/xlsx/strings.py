"""The shared strings of an XLSX workbook."""

from __future__ import annotations

import re
from typing import Any

import pyarrow as pa

from ptx_bulk.workbooks.guard.archives import Archive
from ptx_bulk.workbooks.guard.safexml import Attributes, local, parse
from ptx_bulk.workbooks.sheets.arrow import strings

_ITEM = re.compile(rb'<si><t(?: xml:space="preserve")?>([^<&]*)</t></si>')
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_HALVES = re.compile("[\ud800-\udfff]+")
_UTF8_HEAD = re.compile(rb"\s*(<\?xml[^>]*encoding=['\"]utf-8['\"][^>]*\?>)?\s*<sst\b[^>]*>", re.IGNORECASE)


def unescape(text: str) -> str:
    """Excel's `_x000D_` escapes as the characters they stand for."""
    if "_x" not in text:
        return text
    plain = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    # two halves of a character beyond the first plane become that character, a half alone the sign for a lost one
    return _HALVES.sub(_joined, plain)


def _joined(halves: re.Match[str]) -> str:
    return halves[0].encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def read_strings(archive: Archive, part: str) -> pa.Array[Any]:
    """The texts, in the order by which cells name them; phonetic readings are left out; none without such a part."""
    if part not in archive:
        return strings([])
    with archive.open(part) as stream:
        data = stream.read()
    head = _UTF8_HEAD.match(data)
    if head and b"_x" not in data:
        items = _ITEM.findall(data, head.end())
        # every tag of the part belongs to an item that was found, or is the last one
        if data.count(b"<", head.end()) == 4 * len(items) + 1 and data.rstrip().endswith(b"</sst>"):
            return pa.array(items, pa.binary()).cast(pa.string())
    del data
    return _by_events(archive, part)


def _by_events(archive: Archive, part: str) -> pa.Array[Any]:
    texts: list[str] = []
    pieces: list[str] = []
    state = {"text": False, "phonetic": False}

    def start(name: str, _attributes: Attributes) -> None:
        tag = local(name)
        if tag == "si":
            pieces.clear()
        elif tag == "rPh":
            state["phonetic"] = True
        elif tag == "t":
            state["text"] = not state["phonetic"]

    def end(name: str) -> None:
        tag = local(name)
        if tag == "si":
            texts.append(unescape("".join(pieces)))
        elif tag == "rPh":
            state["phonetic"] = False
        elif tag == "t":
            state["text"] = False

    def text(data: str) -> None:
        if state["text"]:
            pieces.append(data)

    with archive.open(part) as stream:
        parse(stream, start, end, text)
    return strings(texts)

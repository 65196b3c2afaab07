"""Elements of an XML document as spans of its bytes, so that what is kept stays as it was written."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from xml.parsers import expat

from ptx_bulk.workbooks.guard.archives import damaged
from ptx_bulk.workbooks.guard.safexml import Attributes, local

_TAG = re.compile(rb"<(?:[^\"'<>]|\"[^\"]*\"|'[^']*')*>")
_HEAD = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml(?:(?!\?>).)*\?>)?", re.S)
_DECLARED = re.compile(
    rb"<\?xml\s+version\s*=\s*[\"']1\.[0-9][\"'](?:\s+encoding\s*=\s*[\"']utf-8[\"'])?"
    rb"(?:\s+standalone\s*=\s*[\"'](?:yes|no)[\"'])?\s*\?>"
)


class Unusual(Exception):
    """The document is not written the usual way; its cells have to be written anew."""


@dataclass(frozen=True)
class Span:
    """An element of a document.

    Attributes:
        name: local name.
        attributes: with local names.
        start, stop: where it stands; `inner` is where its start tag ends.
    """

    name: str
    attributes: Attributes
    start: int
    inner: int
    stop: int
    depth: int


def spans(data: bytes, wanted: Callable[[int, str], bool]) -> list[Span]:
    """The elements for which `wanted(depth, local name)` holds, in the order of their ends; the root has depth 0.

    Raises:
        Unusual: the document is not UTF-8, or declares something.
        UnreadableFile: it is damaged.
    """
    check_usual(data)
    found: list[Span] = []
    open_ones: list[tuple[int, Attributes]] = []
    parser = expat.ParserCreate()

    def start(_name: str, attributes: Attributes) -> None:
        open_ones.append((parser.CurrentByteIndex, attributes))

    def end(name: str) -> None:
        began, attributes = open_ones.pop()
        if wanted(len(open_ones), local(name)):
            plain = {local(key): value for key, value in attributes.items()}
            inner = tag_end(data, began)
            stop = inner if data[inner - 2 : inner] == b"/>" else tag_end(data, parser.CurrentByteIndex)
            found.append(Span(local(name), plain, began, inner, stop, len(open_ones)))

    parser.StartElementHandler, parser.EndElementHandler = start, end
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError) as error:
        raise damaged() from error
    return found


def check_usual(data: bytes) -> None:
    """Refuse what byte positions cannot be trusted in.

    Raises:
        Unusual: the document is not UTF-8, or declares something.
    """
    head = _HEAD.match(data)
    declared = (head[0] if head else b"").lower().removeprefix(b"\xef\xbb\xbf").strip()
    if declared and not _DECLARED.fullmatch(declared):
        raise Unusual
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"<!" in data:
        raise Unusual


def tag_end(data: bytes, start: int) -> int:
    """Where the tag that begins at `start` ends."""
    found = _TAG.match(data, start)
    if found is None:
        raise Unusual
    return found.end()


def without(data: bytes, dropped: list[Span]) -> bytes:
    """The document without these elements."""
    pieces, at = [], 0
    for one in sorted(dropped, key=lambda span: span.start):
        if one.start < at:
            continue  # within another one
        pieces.append(data[at : one.start])
        at = one.stop
    return b"".join([*pieces, data[at:]])

"""XML from strangers: expat without document type declarations, so no entity can expand or fetch anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import IO
from xml.parsers import expat

from ptx_bulk.errors import UnreadableFile
from ptx_bulk.i18n import _

CHUNK = 1 << 18

Attributes = dict[str, str]


def local(name: str) -> str:
    """The name without its namespace prefix."""
    return name.rpartition(":")[2]


def parse(
    stream: IO[bytes],
    start: Callable[[str, Attributes], None],
    end: Callable[[str], None],
    text: Callable[[str], None],
) -> None:
    """Send the stream's events to the three functions; names come with their prefix.

    Raises:
        UnreadableFile: the XML is damaged or declares a document type (entity bombs, external entities).
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse
    try:
        while data := stream.read(CHUNK):
            parser.Parse(data, False)
        parser.Parse(b"", True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise UnreadableFile(
            _("the file is damaged ({detail}); open it in a spreadsheet program and save it again").format(detail=error)
        ) from error


def elements(stream: IO[bytes]) -> Iterator[tuple[str, Attributes]]:
    """Local name and attributes (local names, too) of every element of a small document."""
    found: list[tuple[str, Attributes]] = []

    def start(name: str, attributes: Attributes) -> None:
        found.append((local(name), {local(key): value for key, value in attributes.items()}))

    parse(stream, start, lambda _name: None, lambda _text: None)
    return iter(found)


def _refuse(*_declaration: object) -> None:
    raise UnreadableFile(
        _("the file declares XML entities, as attacks do and no spreadsheet program does; it was not read")
    )

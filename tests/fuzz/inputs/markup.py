"""Markup of spreadsheets changed as markup: elements, attributes, texts, prefixes and quotes, so that it stays well-formed."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from xml.sax.saxutils import escape

_TAG = re.compile(rb"<([A-Za-z][\w:.-]*)((?:\s+[\w:.-]+\s*=\s*(?:\"[^\"]*\"|'[^']*'))*)\s*(/?)>")
_ATTRIBUTE = re.compile(rb"\s+([\w:.-]+)\s*=\s*(\"[^\"]*\"|'[^']*')")
_TEXT = re.compile(rb">([^<>]+)<")
WRITINGS = (
    *("0612345678", "06 12 34 56 78", "+33612345678", "0033612345678", "612345678", "33612345678", "6.12345678E8"),
    *("+33 (0)6 12 34 56 78", "06.98.76.54.32", "0698765432", "tel:+33698765432", "0611111111", "06 22 22 22 22"),
)
VALUES = (
    *(
        "",
        "0",
        "-1",
        "1",
        "2",
        "3",
        "7",
        "1048576",
        "1048577",
        "99999999999999999999",
        "1.5",
        "1E9",
        "NaN",
        "true",
        "x",
    ),
    *("A1", "B2", "B1048576", "XFD1", "XFE1", "ZZZZ9", "A0", "a2", "B02", "A1:B2", "A2:A2", "B9:A1", "A:A", "2:3"),
    *(
        "$B$2",
        "Contacts!$B$2:$B$9",
        "'a''b'!A1",
        "#REF!",
        "s",
        "str",
        "inlineStr",
        "n",
        "b",
        "e",
        "d",
        "shared",
        "array",
    ),
    *("string", "float", "date", "percentage", "2026-02-30", "P1D", "PT25H61M", "../../x", "/xl/workbook.xml", "rId1"),
    *WRITINGS,
)
_ADDED = (
    *('r="B2"', 'r="A1"', 't="s"', 't="inlineStr"', 't="str"', 's="1"', 's="999"', 'hidden="1"', 'spans="1:3"'),
    *('cm="1"', 'vm="1"', 'ht="0"', 'customHeight="1"', 'xml:space="preserve"', 'xmlns:q="urn:q"', 'outlineLevel="2"'),
    *(
        'table:number-rows-repeated="3"',
        'table:number-columns-repeated="16384"',
        'table:number-rows-repeated="1048576"',
    ),
    *('table:visibility="collapse"', 'table:number-columns-spanned="2"', 'office:value="612345678"'),
    *('table:formula="of:=[.A2]"', 'office:value-type="string"', 'office:string-value="0612345678"'),
)
_INSERTED = (
    *(b"<!-- 0612345678 -->", b"<?x y?>", b"<![CDATA[0612345678]]>", b"&#48;612345678", b"\n", b" ", b"\t\r\n"),
    *(
        b"<f>A2</f>",
        b'<f t="shared" si="0"/>',
        b'<f t="shared" ref="B2:B5" si="0">A2&amp;"x"</f>',
        b"<v/>",
        b"<v>1</v>",
    ),
    *(b"<f>$B$2</f><v></v>", b'<f t="array" ref="B2">1</f>', b"<is><t>0612345678</t></is>", b'<c r="B2"/>'),
    *(
        b"<is><r><t>06 12</t></r><r><t>345678</t></r></is>",
        b'<row r="9"/>',
        b'<row r="3"><c r="B3"><v>612345678</v></c></row>',
    ),
    *(
        b'<c r="B4" t="s"><v>0</v></c>',
        b'<c r="C3" t="inlineStr"><is><t>0698765432</t></is></c>',
        b"<extLst><ext/></extLst>",
    ),
    *(
        b'<rPh sb="0" eb="1"><t>0612345678</t></rPh>',
        b"<mc:x/>",
        b"<text:p>0612345678</text:p>",
        b'<text:s text:c="3"/>',
    ),
    *(b"<table:table-row><table:table-cell/></table:table-row>", b"<table:covered-table-cell/>", b"<text:line-break/>"),
    *(b"<office:annotation><text:p>0612345678</text:p></office:annotation>", b"<table:table-header-rows/>"),
    *(b'<mergeCell ref="A2:B3"/>', b'<autoFilter ref="A1:B4"/>', b'<definedName name="x">Contacts!$B$2</definedName>'),
)
_Change = Callable[[bytes, random.Random], bytes]


def mutated_markup(data: bytes, rng: random.Random) -> bytes:
    """The document with one to a few changes of its structure."""
    for _n in range(rng.choice((1, 1, 1, 2, 3, 6))):
        data = rng.choice(_CHANGES)(data, rng)
    return data


def _element(data: bytes, rng: random.Random) -> tuple[int, int]:
    """An element from its start to behind its end; small ones more often than the whole document."""
    tags = list(_TAG.finditer(data))
    if not tags:
        return 0, 0
    tag = rng.choice(tags)
    if tag[3]:
        return tag.span()
    end = data.find(b"</" + tag[1] + b">", tag.end())
    return tag.start(), end + len(tag[1]) + 3 if end >= 0 else tag.end()


def _drop(data: bytes, rng: random.Random) -> bytes:
    start, stop = _element(data, rng)
    return data[:start] + data[stop:] if stop - start < len(data) // 2 else data


def _double(data: bytes, rng: random.Random) -> bytes:
    start, stop = _element(data, rng)
    return data[:stop] + data[start:stop] * rng.choice((1, 1, 2, 40)) + data[stop:] if stop - start < 5_000 else data


def _carry(data: bytes, rng: random.Random) -> bytes:
    """An element moved, or copied, to before another one."""
    start, stop = _element(data, rng)
    moved = data[start:stop]
    rest = data if rng.random() < 0.5 else data[:start] + data[stop:]
    at = _element(rest, rng)[rng.randrange(2)]
    return rest[:at] + moved + rest[at:]


def _value(data: bytes, rng: random.Random) -> bytes:
    """Another value of an attribute: one of the document's own, or one that has been trouble."""
    found = list(_ATTRIBUTE.finditer(data))
    if not found:
        return data
    one = rng.choice(found)
    alike = [other[2] for other in found if other[1] == one[1]]
    new = rng.choice(alike) if rng.random() < 0.4 else b'"' + escape(rng.choice(VALUES)).encode() + b'"'
    return data[: one.start(2)] + new + data[one.end(2) :]


def _without_attribute(data: bytes, rng: random.Random) -> bytes:
    found = list(_ATTRIBUTE.finditer(data))
    one = rng.choice(found) if found else None
    return data[: one.start()] + data[one.end() :] if one else data


def _with_attribute(data: bytes, rng: random.Random) -> bytes:
    tags = list(_TAG.finditer(data))
    at = rng.choice(tags).end(1) if tags else 0
    return data[:at] + b" " + rng.choice(_ADDED).encode() + data[at:]


def _text(data: bytes, rng: random.Random) -> bytes:
    found = list(_TEXT.finditer(data))
    if not found:
        return data
    one = rng.choice(found)
    new = escape(rng.choice(WRITINGS if rng.random() < 0.5 else VALUES)).encode()
    return data[: one.start(1)] + new + data[one.end(1) :]


def _insert(data: bytes, rng: random.Random) -> bytes:
    at = rng.choice(_element(data, rng))
    return data[:at] + rng.choice(_INSERTED) + data[at:]


def _within(data: bytes, rng: random.Random) -> bytes:
    """Something behind a start tag, or before an end tag."""
    found = [one.end() for one in _TAG.finditer(data) if not one[3]]
    at = rng.choice(found) if found else 0
    return data[:at] + rng.choice(_INSERTED) + data[at:]


def _prefixed(data: bytes, rng: random.Random) -> bytes:
    """All elements of the main vocabulary with a prefix."""
    if b":" in data[:1] or b"<x:" in data:
        return data
    data = re.sub(rb"<(/?)([A-Za-z][\w.-]*)(?=[\s/>])", rb"<\1x:\2", data)
    return re.sub(rb"\sxmlns=", b" xmlns:x=", data, count=1)


def _quoted(data: bytes, rng: random.Random) -> bytes:
    return re.sub(rb'="([^"\'<]*)"', rb"='\1'", data)


def _spaced(data: bytes, rng: random.Random) -> bytes:
    """Blanks between all elements, as those write it who like to read it."""
    return data.replace(b"><", rng.choice((b">\n<", b">\r\n  <", b"> <")))


def _encoded(data: bytes, rng: random.Random) -> bytes:
    try:
        text = re.sub(r"<\?xml.*?\?>", "", data.decode())
    except UnicodeDecodeError:
        return data
    name = rng.choice(("utf-16", "utf-8-sig", "iso-8859-1"))
    head = f'<?xml version="1.0" encoding="{name.removesuffix("-sig")}"?>'
    return (head + text).encode(name, "xmlcharrefreplace")


def _self_closed(data: bytes, rng: random.Random) -> bytes:
    """Empty elements written in the other way."""
    return re.sub(rb"<(row|c|si|t|v|table:table-cell)((?:\s[^<>]*)?)></\1>", rb"<\1\2/>", data)


_RARE: tuple[_Change, ...] = (_prefixed, _quoted, _spaced, _encoded, _self_closed)
_CHANGES: tuple[_Change, ...] = (
    *(_drop, _double, _carry, _value, _value, _value, _text, _text, _insert, _within, _with_attribute),
    *(_without_attribute, _without_attribute, lambda data, rng: rng.choice(_RARE)(data, rng)),
)

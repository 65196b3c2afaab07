"""Contact files that are no workbooks, right and at random: delimited text, cards, columns, pages."""

from __future__ import annotations

import csv
import io
import random
from xml.sax.saxutils import escape

import pyarrow as pa
from pyarrow import parquet

from tests.fuzz.inputs.books import rows, writing


def delimited(rng: random.Random) -> bytes:
    """A text file: delimiter, quotes, line ends, encoding, lines above, and marks of other programs."""
    heads, body = rows(rng)
    out = io.StringIO()
    delimiter, end = rng.choice(",;;\t|"), rng.choice(("\n", "\r\n", "\r\n", "\r"))
    writer = csv.writer(
        out, delimiter=delimiter, lineterminator=end, quoting=rng.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL))
    )
    writer.writerows([heads, *([("" if one is None else one) for one in row] for row in body)])
    text = out.getvalue()
    if rng.random() < 0.15:
        text = rng.choice((f"sep={delimiter}{end}", f"Export du 31/01/2026{end}{end}", f"{end}")) + text
    if rng.random() < 0.1:
        text = end.join('"' + line.replace('"', '""') + '"' for line in text.split(end))  # lines quoted as a whole
    if rng.random() < 0.2:
        text = text.removesuffix(end) + rng.choice(("", "\x1a", f"{end}{end}", "\x00"))
    return text.encode(rng.choice(("utf-8", "utf-8", "utf-8-sig", "cp1252", "utf-16", "mac-roman")), "replace")


def cards(rng: random.Random) -> bytes:
    """Cards of people, folded, grouped and quoted-printable."""
    end = rng.choice(("\r\n", "\n"))
    found = []
    for at in range(rng.choice((1, 2, 6))):
        lines = ["BEGIN:VCARD", f"VERSION:{rng.choice(('2.1', '3.0', '4.0'))}", f"FN:Personne {at}"]
        lines += [
            f"{rng.choice(('TEL', 'TEL;TYPE=CELL', 'TEL;CELL', 'item1.TEL', 'tel;type=work'))}:{writing(rng)}"
            for _n in range(rng.randrange(3))
        ]
        lines += rng.sample(
            (
                *(
                    f"NOTE:rappeler au {writing(rng)}",
                    f"NOTE:06 12 34{end} 56 78",
                    "X-PTX-CODE:TOO_SHORT",
                    "PHOTO;BASE64:QUJD",
                ),
                *(f"NOTE;ENCODING=QUOTED-PRINTABLE:0612=\n345678{end}", "ADR:;;1 rue;Paris;;75001;FR", "UID:4f-12"),
            ),
            rng.randrange(3),
        )
        found.append(end.join([*lines, "END:VCARD", ""]))
    return (end if rng.random() < 0.2 else "").join(found).encode(rng.choice(("utf-8", "utf-8", "utf-8-sig", "utf-16")))


def columns(rng: random.Random) -> bytes:
    """A Parquet file; its columns have types."""
    heads, body = rows(rng)
    full = [row for row in body if row]
    table = {}
    for place, head in enumerate(heads):
        values = [row[place] for row in full]
        numeric = rng.random() < 0.3 and all(isinstance(one, int) and not isinstance(one, bool) for one in values)
        table[head] = pa.array(values if numeric else [None if one is None else str(one) for one in values])
    target = io.BytesIO()
    parquet.write_table(pa.table(table), target)
    return target.getvalue()


def page(rng: random.Random) -> bytes:
    """A table of a web page, as the Excel of a web shop."""
    heads, body = rows(rng)
    line = "".join(f"<th>{escape(head)}</th>" for head in heads)
    lines = "".join("<tr>" + "".join(f"<td>{escape(str(one or ''))}" for one in row) + "</tr>" for row in body)
    return f"<html><meta charset=utf-8><table border=1><tr>{line}</tr>{lines}</table></html>".encode()

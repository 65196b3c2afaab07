"""Rows of a workbook poured in a column at a time, into a workbook that xlsxwriter has drawn.

xlsxwriter alone needs 5 µs a cell, and our sheets have millions. So it writes a workbook whose sheets end in
one sample row with a cell of each style, and the rows take the sample's place while the finished file is packed.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import pyarrow as pa
from xlsxwriter.utility import xl_col_to_name

from ptx_bulk.reports import cell_text

SHEET_ROWS = 1_048_575  # Excel's limit, less the header
STEP = 20_000  # rows that are in the making at a time
_ZIP64_ROWS = 200_000  # fewer stay under 2 GiB of XML; some readers stumble over a ZIP64 header that is not needed

TEXT_HEAD, TEXT_TAIL = ' t="inlineStr"><is><t xml:space="preserve">', "</t></is></c>"
VALUE_HEAD, VALUE_TAIL = "><v>", "</v></c>"


@dataclass(frozen=True, slots=True)
class Poured:
    """What takes the place of a sheet's sample row.

    Attributes:
        count: number of rows; with none the sample stays.
        width: number of columns.
        rows: the rows' XML, from the style number of each sample cell in its order.
    """

    count: int
    width: int
    rows: Callable[[list[int]], Iterator[memoryview]]


def pour(stream: BinaryIO, skeleton: io.BytesIO, sheets: Sequence[Poured]) -> None:
    """Write the workbook with the rows of its first sheets; sheets beyond those stay as they are drawn."""
    poured = {f"xl/worksheets/sheet{number}.xml": sheet for number, sheet in enumerate(sheets, start=1)}
    with (
        zipfile.ZipFile(skeleton) as source,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target,
    ):
        for name in source.namelist():
            count = poured[name].count if name in poured else 0
            with target.open(name, "w", force_zip64=count > _ZIP64_ROWS) as entry:
                for piece in _filled(source.read(name), poured, name) if count else [source.read(name)]:
                    entry.write(piece)


def _filled(content: bytes, poured: Mapping[str, Poured], name: str) -> Iterator[bytes | memoryview]:
    sheet = poured[name]
    begin, end = content.rindex(b"<row "), content.index(b"</sheetData>")
    top = int(re.findall(rb'r="(\d+)"', content[begin:end])[0])
    used = f'<dimension ref="A1:{xl_col_to_name(sheet.width - 1)}{top + sheet.count - 1}"/>'.encode()
    yield re.sub(rb'<dimension ref="[^"]*"/>', used, content[:begin])
    yield from sheet.rows([int(style) for style in re.findall(rb'<c r="[A-Z]+\d+" s="(\d+)"/>', content[begin:end])])
    yield content[end:]


def row_numbers(first: int, count: int) -> cell_text.Column:
    """The numbers of so many rows as text."""
    return cell_text.pc.cast(pa.array(range(first, first + count)), pa.large_string())


def rows(numbers: cell_text.Column, cells: Sequence[cell_text.Column]) -> memoryview:
    """The XML of rows whose cells are XML already, a column each."""
    return cell_text.joined(cell_text.join('<row r="', numbers, '">', *cells, "</row>"))


def opening(index: int) -> str:
    """How a cell of this column begins; the row number and then a quote follow."""
    return f'<c r="{xl_col_to_name(index)}'

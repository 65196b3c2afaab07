# ruff: noqa: E501 - markup reads better unbroken
"""Small files of every format, made on the spot."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from ptx_bulk.workbooks import Reading, ReadOptions, read

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"

Rows = list[tuple[object, ...]]


@pytest.fixture
def opened() -> Callable[..., Reading]:
    """Read files with options; what was opened is closed at the end of the test."""
    readings: list[Reading] = []

    def call(*paths: Path, **options: object) -> Reading:
        readings.append(read(list(paths), ReadOptions(**options)))
        return readings[-1]

    yield call
    for reading in readings:
        reading.close()


@pytest.fixture
def text(tmp_path: Path) -> Callable[..., Path]:
    """A text file with this content (str as UTF-8)."""

    def make(content: str | bytes, name: str = "liste.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return make


@pytest.fixture
def xlsx(tmp_path: Path) -> Callable[..., Path]:
    """A workbook whose sheets have this XML between `<sheetData>` and its end; parts may be replaced or added."""

    def make(
        *sheets: str,
        name: str = "liste.xlsx",
        strings: str | None = None,
        styles: str | None = None,
        parts: dict[str, str] | None = None,
        names: tuple[str, ...] = (),
        states: tuple[str, ...] = (),
        main: str = MAIN,
        relations: str = RELATIONS,
    ) -> Path:
        numbers = range(1, len(sheets) + 1)
        named = "".join(
            f'<sheet name="{names[n - 1] if names else f"Feuil{n}"}" sheetId="{n}" r:id="rId{n}"'
            f' state="{states[n - 1] if states else "visible"}"/>'
            for n in numbers
        )
        extra = {"strings": ("sharedStrings", "sharedStrings.xml"), "styles": ("styles", "styles.xml")}
        given = {"strings": strings, "styles": styles}
        rels = "".join(
            f'<Relationship Id="rId{n}" Type="{relations}/worksheet" Target="worksheets/sheet{n}.xml"/>'
            for n in numbers
        ) + "".join(
            f'<Relationship Id="x{kind}" Type="{relations}/{extra[kind][0]}" Target="{extra[kind][1]}"/>'
            for kind, content in given.items()
            if content is not None
        )
        content = {
            "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
            "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r" Type="{relations}/officeDocument"'
            ' Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{relations}"><sheets>{named}</sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">{rels}</Relationships>',
        }
        for n, sheet in zip(numbers, sheets, strict=True):
            content[f"xl/worksheets/sheet{n}.xml"] = (
                f'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="{main}"><sheetData>{sheet}</sheetData></worksheet>'
            )
        if strings is not None:
            content["xl/sharedStrings.xml"] = f'<sst xmlns="{main}">{strings}</sst>'
        if styles is not None:
            content["xl/styles.xml"] = f'<styleSheet xmlns="{main}">{styles}</styleSheet>'
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for part, data in (content | (parts or {})).items():
                archive.writestr(part, data)
        return path

    return make


def found(reading: Reading) -> Rows:
    """Row, raw text and kind of each cell."""
    cells = reading.cells
    return list(zip(cells["row"].tolist(), cells["raw"].tolist(), cells["kind"].tolist(), strict=True))

"""XLSB, Excel's binary format, by python-calamine."""

from __future__ import annotations

import zipfile
from pathlib import Path
from xml.sax.saxutils import quoteattr

from ptx_bulk.workbooks.formats.calamine import read_with_calamine
from ptx_bulk.workbooks.guard.archives import Archive
from ptx_bulk.workbooks.guard.safexml import Attributes, elements
from ptx_bulk.workbooks.sheets.limits import Limits
from ptx_bulk.workbooks.sheets.stored import SheetWriter, private_file

_RELATIONS = "xl/_rels/workbook.bin.rels"
_NAMESPACE = "http://schemas.openxmlformats.org/package/2006/relationships"
# calamine tells the kinds of sheets by their folders, and knows these.
_KNOWN_FOLDERS = ("worksheets", "chartsheets", "dialogsheets")


def read_xlsb(path: Path, limits: Limits, writer: SheetWriter) -> None:
    """Hand every sheet of the workbook to `writer`.

    Raises:
        UnreadableFile: damaged, protected or hostile.
    """
    with Archive(path, limits) as archive:  # the declared sizes are checked on the way in
        relations: list[Attributes] = []
        plain = True
        if _RELATIONS in archive:
            with archive.open(_RELATIONS) as stream:
                relations = [attributes for name, attributes in elements(stream) if name == "Relationship"]
            with archive.open(_RELATIONS) as stream:
                plain = b":Relationship" not in stream.read() and not any(map(_is_strange, relations))
    if plain:
        read_with_calamine(path, limits, writer)
        return
    copy = writer.folder / "plain.xlsb"
    try:
        _write_plain(path, copy, relations)
        read_with_calamine(copy, limits, writer)
    finally:
        copy.unlink(missing_ok=True)


def _is_strange(relation: Attributes) -> bool:
    """Whether it leads to a sheet in a folder that calamine does not know: macro sheets, which hold no table."""
    return _folder(relation).endswith("sheets") and _folder(relation) not in _KNOWN_FOLDERS


def _folder(relation: Attributes) -> str:
    return relation.get("Target", "").replace("\\", "/").rpartition("/")[0].rpartition("/")[2].lower()


def _write_plain(path: Path, copy: Path, relations: list[Attributes]) -> None:
    """A copy whose relations have no prefixes, and whose macro sheets pass for dialogs, which are not read."""
    with private_file(copy) as out, zipfile.ZipFile(out, "w") as written, zipfile.ZipFile(path) as read:
        for entry in read.infolist():
            if entry.filename.replace("\\", "/").lower() == _RELATIONS:
                written.writestr(_RELATIONS, _plain_relations(relations))
            elif not entry.is_dir():
                written.writestr(entry.filename, read.read(entry))


def _plain_relations(relations: list[Attributes]) -> str:
    lines = [f"<Relationships xmlns={quoteattr(_NAMESPACE)}>"]
    for relation in relations:
        target = relation.get("Target", "")
        if _is_strange(relation):
            target = f"dialogsheets/{target.rpartition('/')[2]}"
        named = {"Id": relation.get("Id", ""), "Type": relation.get("Type", ""), "Target": target}
        attributes = " ".join(f"{name}={quoteattr(value)}" for name, value in named.items())
        lines.append(f"<Relationship {attributes}/>")
    return "".join([*lines, "</Relationships>"])

"""README.md and the pages of docs/ taken apart: sections, tables, fenced blocks, the commands they show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tests.conftest import ROOT

_FENCE = re.compile(
    r"(?:^<!-- (?P<marker>[^>]*?) -->\n+)?^```(?P<language>\w*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL
)
_OPTION = re.compile(r"(?<![\w-])--?[a-z][a-z-]*")
# What ends a command of the shell, and what is said about it; none of them stands in quotes in a page.
_END_OF_COMMAND = re.compile(r"\s+(?:\||&&|\|\||;|[<>]|#)(?:\s|$)|;|\"\]")


@dataclass(frozen=True)
class Fence:
    """A fenced block.

    Attributes:
        marker: the text of a comment right before it.
        language: what follows the backquotes.
        line: where its first line stands, from 1.
    """

    marker: str
    language: str
    body: str
    line: int


class Page:
    """A page of Markdown.

    Attributes:
        path: the file.
        name: its path from the project's folder on, with slashes.
        language: `en`, or `fr` for `*.fr.md`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.relative_to(ROOT).as_posix()
        self.language = "fr" if path.name.endswith(".fr.md") else "en"

    @cached_property
    def text(self) -> str:
        """The whole page."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def prose(self) -> str:
        """The page without its fenced blocks."""
        return _FENCE.sub("", self.text)

    @cached_property
    def fences(self) -> list[Fence]:
        """The fenced blocks in their order."""
        return [
            Fence(
                found["marker"] or "",
                found["language"],
                found["body"],
                self.text.count("\n", 0, found.start("body")) + 1,
            )
            for found in _FENCE.finditer(self.text)
        ]

    def chapters(self) -> dict[str, list[Fence]]:
        """The fenced blocks by the heading of the second level that they stand below."""
        lines = self.text.splitlines()
        found: dict[str, list[Fence]] = {}
        for fence in self.fences:
            above = [line for line in lines[: fence.line] if line.startswith("## ")]
            found.setdefault(above[-1].removeprefix("## ") if above else "", []).append(fence)
        return found

    def headings(self) -> list[str]:
        """The headings, without their `#`."""
        return re.findall(r"^#+ (.*)$", self.prose, re.MULTILINE)

    def anchors(self) -> set[str]:
        """What a link can lead to within the page."""
        return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in self.headings()}

    def section(self, title: str) -> str:
        """The text below a heading, down to the next heading of whatever level."""
        found = re.search(rf"^#+ {re.escape(title)}\n(.*?)(?=^#|\Z)", self.prose, re.MULTILINE | re.DOTALL)
        assert found, f"{self.name} has no section {title}"
        return found[1]

    def table(self, title: str, first: str) -> list[list[str]]:
        """The rows, without the heading row, of the table in that section whose first column has that heading."""
        (rows,) = [rows[1:] for rows in tables(self.section(title)) if rows[0][0] == first]
        return rows

    def shown_commands(self) -> Iterator[tuple[str, str]]:
        """Every command line of ptx-bulk in a block or in the text that has at least one word, with its place."""
        for fence in self.fences:
            for number, line in enumerate(fence.body.splitlines(), start=fence.line):
                yield from ((f"{self.name}:{number}", words) for words in _command_lines(line))
        for code in codes(self.prose):
            yield from ((f"{self.name}: `{code}`", words) for words in _command_lines(code))


def pages() -> list[Page]:
    """README.md, CONTRIBUTING.md where there is one, and all that docs/ holds."""
    named = [path for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md") if path.exists()]
    return [Page(path) for path in (*named, *sorted((ROOT / "docs").rglob("*.md")))]


def page(name: str) -> Page:
    """The page of that name, `docs/manual.md`."""
    return Page(ROOT / name)


def files() -> dict[str, Fence]:
    """The blocks that are whole files, by the name in their marker."""
    return {
        fence.marker.removeprefix("file: "): fence
        for page in pages()
        for fence in page.fences
        if fence.marker.startswith("file: ")
    }


def tables(body: str) -> list[list[list[str]]]:
    """The tables of a text: rows of cells, the heading row first."""
    return [
        [_cells(line) for line in block.splitlines() if not re.fullmatch(r"[|: -]+", line)]
        for block in re.findall(r"(?:^\|.*\n)+", body, re.MULTILINE)
    ]


def _cells(line: str) -> list[str]:
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]


def codes(cell: str) -> list[str]:
    """What stands in backquotes."""
    return re.findall(r"`([^`]+)`", cell)


def option_names(cell: str) -> list[str]:
    """The options that the first cell of an option's row names, short and long."""
    return [name for code in codes(cell) for name in _OPTION.findall(code.split(" ")[0])]


def _command_lines(line: str) -> Iterator[str]:
    for found in re.finditer(r"(?:^|[\s\"/\\])ptx-bulk\"? (?=[a-z-])", line):
        words = _END_OF_COMMAND.split(line[found.end() :])[0].strip()
        if not words.endswith("..."):  # the beginning of any command
            yield words

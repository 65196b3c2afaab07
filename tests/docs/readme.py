"""README.md taken apart: sections, tables, fenced blocks, the commands it shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from tests.conftest import ROOT

_FENCE = re.compile(
    r"(?:^<!-- (?P<marker>[^>]*?) -->\n+)?^```(?P<language>\w*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL
)
_OPTION = re.compile(r"(?<![\w-])--?[a-z][a-z-]*")
# What ends a command of the shell, and what is said about it; none of them stands in quotes in the README.
_END_OF_COMMAND = re.compile(r"\s+(?:\||&&|\|\||;|>|#)(?:\s|$)|;|\"\]")


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


@cache
def text() -> str:
    """The whole README."""
    return (ROOT / "README.md").read_text(encoding="utf-8")


def prose() -> str:
    """The README without its fenced blocks."""
    return _FENCE.sub("", text())


def fences() -> list[Fence]:
    """The fenced blocks in their order."""
    whole = text()
    return [
        Fence(found["marker"] or "", found["language"], found["body"], whole.count("\n", 0, found.start("body")) + 1)
        for found in _FENCE.finditer(whole)
    ]


def files() -> dict[str, Fence]:
    """The blocks that are whole files, by the name in their marker."""
    return {fence.marker.removeprefix("file: "): fence for fence in fences() if fence.marker.startswith("file: ")}


def headings() -> list[str]:
    """The headings, without their `#`."""
    return re.findall(r"^#+ (.*)$", prose(), re.MULTILINE)


def section(title: str) -> str:
    """The text below a heading, down to the next heading of whatever level."""
    found = re.search(rf"^#+ {re.escape(title)}\n(.*?)(?=^#|\Z)", prose(), re.MULTILINE | re.DOTALL)
    assert found, f"README.md has no section {title}"
    return found[1]


def tables(body: str) -> list[list[list[str]]]:
    """The tables of a text: rows of cells, the heading row first."""
    return [
        [_cells(line) for line in block.splitlines() if not re.fullmatch(r"[|: -]+", line)]
        for block in re.findall(r"(?:^\|.*\n)+", body, re.MULTILINE)
    ]


def table(title: str, first: str) -> list[list[str]]:
    """The rows, without the heading row, of the table in that section whose first column has that heading."""
    (rows,) = [rows[1:] for rows in tables(section(title)) if rows[0][0] == first]
    return rows


def _cells(line: str) -> list[str]:
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]


def codes(cell: str) -> list[str]:
    """What stands in backquotes."""
    return re.findall(r"`([^`]+)`", cell)


def option_names(cell: str) -> list[str]:
    """The options that the first cell of an option's row names, short and long."""
    return [name for code in codes(cell) for name in _OPTION.findall(code.split(" ")[0])]


def shown_commands() -> Iterator[tuple[str, str]]:
    """Every command line of ptx-bulk in a block or in the text that has at least one word, with its place."""
    for fence in fences():
        for number, line in enumerate(fence.body.splitlines(), start=fence.line):
            yield from ((f"line {number}", words) for words in _command_lines(line))
    for code in codes(prose()):
        yield from ((f"`{code}`", words) for words in _command_lines(code))


def _command_lines(line: str) -> Iterator[str]:
    for found in re.finditer(r"(?:^|[\s\"/\\])ptx-bulk\"? (?=[a-z-])", line):
        yield _END_OF_COMMAND.split(line[found.end() :])[0].strip()

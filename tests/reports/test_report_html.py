"""The HTML report as a file: self-contained, escaped, readable without JavaScript."""

from __future__ import annotations

import base64
import hashlib
import html.parser
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from ptx_bulk import i18n
from ptx_bulk.model import Status
from ptx_bulk.reports import Summary, write_report
from ptx_bulk.reports.html import shown_lines

MakeLines = Callable[..., pd.DataFrame]
HOSTILE = [
    "</script><script>alert(1)</script>",
    "<!--",
    "<img src=x onerror=alert(1)>",
    "\"'&<>",
    "]]>",
    "\u2028",
    "{{ 7*7 }}",
]


class Page(html.parser.HTMLParser):
    """The elements of a page, and the text of those asked for."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._tag = ""
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Called by the parser."""
        self.elements.append((tag, dict(attrs)))
        self._tag = tag
        if tag in {"script", "style"}:
            self.texts.setdefault(tag, []).append("")

    def handle_data(self, data: str) -> None:
        """Called by the parser."""
        if self._tag in {"script", "style"}:
            self.texts[self._tag][-1] += data
        else:
            self.texts.setdefault("page", []).append(data.strip())

    def handle_endtag(self, tag: str) -> None:
        """Called by the parser."""
        self._tag = ""


def page(path: Path) -> tuple[str, Page]:
    """The page as text and taken apart."""
    source = path.read_text(encoding="utf-8")
    return source, Page(source)


def data(parsed: Page) -> dict[str, Any]:
    """The data of the page's table."""
    content: dict[str, Any] = json.loads(parsed.texts["script"][0])
    return content


def column(parsed: Page, name: str) -> list[Any]:
    """The values of a column as the script sees them, row by row."""
    found = next(each for each in data(parsed)["columns"] if each["name"] == name)
    return [found["values"][i] for i in found["index"]] if found["index"] is not None else list(found["values"])


def test_the_summary_is_the_golden_one(tmp_path: Path, lines: pd.DataFrame, summary: Summary, golden: Path) -> None:
    """What stands in the page outside style and script changes only when someone means it to."""
    write_report(tmp_path / "r.html", lines, summary)
    source = (tmp_path / "r.html").read_text(encoding="utf-8")
    bare = re.sub(r"(<style>|<script>).*?(?=</style>|</script>)", r"\1", source, flags=re.DOTALL)
    bare = re.sub(r"sha256-[A-Za-z0-9+/=]+", "sha256-", bare)
    assert bare == (golden / "summary.html").read_text(encoding="utf-8")


def test_nothing_is_loaded_from_anywhere(tmp_path: Path, lines: pd.DataFrame, summary: Summary) -> None:
    """The page refers to nothing outside itself, has no inline handlers or styles, and its policy allows none."""
    write_report(tmp_path / "r.html", lines, summary)
    source, parsed = page(tmp_path / "r.html")
    for tag, attributes in parsed.elements:
        assert not {"src", "srcset", "action", "style"} & set(attributes), tag
        assert not [name for name in attributes if name.startswith("on")]
        assert attributes.get("href") in {None, "data:,"}
    assert "url(" not in source
    assert "@import" not in source


def test_the_policy_allows_exactly_our_style_and_script(tmp_path: Path, lines: pd.DataFrame, summary: Summary) -> None:
    """The Content-Security-Policy names the hashes of our style and script and forbids all else."""
    write_report(tmp_path / "r.html", lines, summary)
    _source, parsed = page(tmp_path / "r.html")
    policy = next(a["content"] for _tag, a in parsed.elements if a.get("http-equiv") == "Content-Security-Policy")
    for kind, text in (("style", parsed.texts["style"][0]), ("script", parsed.texts["script"][1])):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in str(policy)
    assert str(policy).startswith("default-src 'none';")
    assert "unsafe" not in str(policy)


def test_hostile_cells_stay_text(tmp_path: Path, make_lines: MakeLines) -> None:
    """No text of a spreadsheet, file name, notice or account becomes an element of the page."""
    rows = [
        {
            "row": i + 2,
            "raw": text,
            "file": text,
            "message": text,
            "status": "rejected",
            "code": "NOT_A_NUMBER",
        }
        for i, text in enumerate(HOSTILE)
    ]
    texts = tuple(HOSTILE)
    hostile = Summary(
        run_id=HOSTILE[0], command="check", files=texts, notices=texts, account=HOSTILE[1], reason=HOSTILE[2]
    )
    write_report(tmp_path / "hostile.html", make_lines(*rows), hostile)
    write_report(
        tmp_path / "plain.html",
        make_lines(*[row | dict.fromkeys(("raw", "file", "message"), "x") for row in rows]),
        hostile,
    )
    _source, parsed = page(tmp_path / "hostile.html")
    _source, plain = page(tmp_path / "plain.html")
    tags = [tag for tag, _attributes in parsed.elements]
    assert tags == [tag for tag, _attributes in plain.elements]
    assert tags.count("script") == 2
    assert "img" not in tags
    assert column(parsed, "raw") == HOSTILE
    assert set(HOSTILE) - {"\u2028"} <= set(parsed.texts["page"])


def test_empty_cells_are_no_problem(tmp_path: Path, make_lines: MakeLines) -> None:
    """Lines with EMPTY are counted but not shown as needing attention."""
    rows = [{"row": i, "status": "rejected", "code": "EMPTY"} for i in range(2, 5)]
    write_report(tmp_path / "r.html", make_lines(*rows), Summary(run_id="r", command="check", counts={"rejected": 3}))
    assert "What needs attention" not in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_problems_show_their_largest_group_first(tmp_path: Path, make_lines: MakeLines) -> None:
    """Groups of problems stand in order of size, each with ten examples and the number of the others."""
    rows = [{"row": 2, "raw": "x", "status": "rejected", "code": "NOT_A_NUMBER"}]
    rows += [{"row": i, "raw": "06", "status": "rejected", "code": "TOO_SHORT+HIDDEN_ROW"} for i in range(3, 16)]
    write_report(tmp_path / "r.html", make_lines(*rows), Summary(run_id="r", command="check"))
    source, _parsed = page(tmp_path / "r.html")
    found = re.findall(r"<summary><b>(\d+)</b> <code>([\w+]+)</code>", source)
    assert found == [("13", "TOO_SHORT+HIDDEN_ROW"), ("1", "NOT_A_NUMBER")]
    assert "<span>The number has too few digits. The row is hidden in the spreadsheet.</span>" in source
    assert source.count('<td class="raw">06</td>') == 10
    assert "and more lines like these: 3" in source


def test_columns_without_values_are_left_out(tmp_path: Path, lines: pd.DataFrame, summary: Summary) -> None:
    """The table has the columns that say something; the run's name stands above it."""
    write_report(tmp_path / "r.html", lines.drop(index=4), summary)
    _source, parsed = page(tmp_path / "r.html")
    names = [each["name"] for each in data(parsed)["columns"]]
    assert "run_id" not in names
    assert "api_code" not in names
    assert column(parsed, "duplicate_of_row") == [None, 2, None, None]


def test_of_very_many_lines_those_with_problems_are_kept(make_lines: MakeLines) -> None:
    """A page holds 100,000 lines; beyond that, lines without problems give way, and the order stays."""
    n = 100_010
    status = [Status.APPLIED.value] * n
    status[-1] = status[5] = Status.FAILED.value
    shown = shown_lines.shown(pd.DataFrame({"row": range(n), "status": pd.Categorical(status)}))
    assert len(shown) == 100_000
    assert shown["row"].iloc[-1] == n - 1
    assert shown["row"].iloc[-2] == 99_998
    assert shown["row"].is_monotonic_increasing


@pytest.mark.parametrize(
    ("ends", "list_", "expected"),
    [
        ([], "stop", "There was nothing to do."),
        (["planned add"], "npai", "NPAI list: 1 number would be added."),
        (["planned add"] * 2 + ["planned remove"], "", "2 numbers would be added; 1 number would be removed."),
        (["valid none"] * 1234, "", "1,234 numbers are valid."),
        (
            ["applied remove", "applied add", "unknown add", "not_attempted add"],
            "both",
            (
                "STOP and NPAI list: 1 number was added; 1 number was removed; the outcome of 1 number is unknown; "
                "1 number was not sent."
            ),
        ),
    ],
)
def test_the_headline_is_plain_words(
    tmp_path: Path, make_lines: MakeLines, ends: list[str], list_: str, expected: str
) -> None:
    """The page's title says in one sentence what happened, leaving out what did not."""
    lines = make_lines(*({"status": end.split()[0], "action": end.split()[1]} for end in ends))
    counts = lines["status"].value_counts().to_dict()
    write_report(tmp_path / "r.html", lines, Summary(run_id="r", command="import", list=list_, counts=counts))
    assert f"<title>{expected}</title>" in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_the_page_names_its_language(tmp_path: Path, lines: pd.DataFrame, summary: Summary) -> None:
    """A French report says so to browsers and screen readers; codes and columns stay as they are."""
    i18n.use("fr")
    write_report(tmp_path / "r.html", lines, summary)
    source = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert '<html lang="fr">' in source
    assert "REGION_AMBIGUOUS" in source

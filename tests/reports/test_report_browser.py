"""The HTML report in a real browser."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from ptx_bulk.model import RESULT_COLUMNS
from ptx_bulk.reports import Summary, write_report
from tests.browser import Tab, needs_browser, opened

pytestmark = needs_browser
N = 100_000


def look(path: Path, tmp_path: Path, what: Callable[[Tab], Awaitable[None]], *, javascript: bool = True) -> None:
    """Open the page and do something with it; in the end it must have been silent on the network and the console."""

    async def go() -> None:
        async with opened(path.as_uri(), tmp_path / "profile", javascript=javascript) as tab:
            await what(tab)
            asked = [event["params"]["request"]["url"] for event in tab.heard("Network.requestWillBeSent")]
            assert [
                url for url in asked if url not in {path.as_uri(), "about:blank"} and not url.startswith("data:")
            ] == []
            assert tab.heard("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded") == []

    asyncio.run(go())


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """A report of 100,000 lines; every tenth is rejected."""
    row = pd.Series(range(2, N + 2), dtype="int32")
    bad = (row % 10 == 0).to_numpy()
    columns: dict[str, Any] = {name: pd.Categorical([""] * N) for name in RESULT_COLUMNS}
    columns |= {name: [0] * N for name in ("attempts", "http_status", "api_code", "duplicate_of_row")}
    columns |= {
        "file": pd.Categorical(["</script><img src=x>.csv"] * N),
        "row": row,
        "raw": "06" + (99_999_999 - row).astype("str"),
        "status": pd.Categorical(pd.Series("applied", index=row.index).mask(bad, "rejected")),
        "code": pd.Categorical(pd.Series("ADDED", index=row.index).mask(bad, "TOO_SHORT")),
    }
    write_report(
        tmp_path / "many.html",
        pd.DataFrame(columns),
        Summary(run_id="r", command="import", counts={"applied": N}),
    )
    return tmp_path / "many.html"


FIRST = "document.querySelector('#rows tr [title^=\"06\"]').textContent"
FOUND = "document.getElementById('found').textContent.replace(/\\D/g, '')"


def test_search_sort_filter_scroll(many: Path, tmp_path: Path) -> None:
    """100,000 lines can be searched, filtered, sorted and scrolled, with a screenful of them in the page at a time."""

    async def use(tab: Tab) -> None:
        assert await tab.value(FOUND) == "100000"
        assert await tab.value("document.querySelectorAll('#rows tr').length < 100")
        assert await tab.value(FIRST) == "0699999997"

        await tab.value("document.getElementById('search').focus()")
        await tab.call("Input.insertText", text="069999 TOO")
        await tab.until(f"{FOUND} === '999'")
        assert await tab.value(FIRST) == "0699999989"

        await tab.value("document.getElementById('search').value = ''")
        await tab.value("document.getElementById('search').dispatchEvent(new Event('input'))")
        await tab.until(f"{FOUND} === '100000'")
        await tab.value(
            "{ const status = document.getElementById('by-status'); status.value = 'rejected'; "
            "status.dispatchEvent(new Event('change')) }"
        )
        assert await tab.value(FOUND) == "10000"

        raw = "[...document.querySelectorAll('#lines th')].find((th) => th.textContent === 'raw')"
        await tab.value(f"{raw}.querySelector('button').click()")
        assert await tab.value(f"{raw}.getAttribute('aria-sort')") == "ascending"
        assert await tab.value(FIRST) == "0699899999"
        await tab.value(f"{raw}.querySelector('button').click()")
        assert await tab.value(f"{raw}.getAttribute('aria-sort')") == "descending"
        assert await tab.value(FIRST) == "0699999989"

        await tab.value("document.getElementById('view').scrollTop = 1e9")
        await tab.until("document.querySelector('#rows tr:last-child').getAttribute('aria-rowindex') === '10001'")
        assert await tab.value("document.querySelectorAll('#rows tr').length < 100")

    look(many, tmp_path, use)


def test_hostile_text_runs_nothing(many: Path, tmp_path: Path) -> None:
    """A file name that spells markup is shown as it is."""

    async def use(tab: Tab) -> None:
        assert await tab.value("document.querySelectorAll('img').length") == 0
        assert await tab.value("document.querySelector('#rows td').textContent") == "</script><img src=x>.csv"

    look(many, tmp_path, use)


def test_the_summary_needs_no_javascript(tmp_path: Path, lines: pd.DataFrame, summary: Summary) -> None:
    """With JavaScript off, headline, charts and problems are there and the page says what is not."""
    write_report(tmp_path / "r.html", lines, summary)

    async def use(tab: Tab) -> None:
        seen = await tab.value("document.body.innerText")
        assert "STOP list: 1 number was added" in seen
        assert "The table of all lines needs JavaScript" in seen
        assert await tab.value("document.querySelectorAll('.chart svg').length") == 12
        assert await tab.value("getComputedStyle(document.getElementById('view')).display") == "none"

    look(tmp_path / "r.html", tmp_path, use, javascript=False)


def test_dark_print_and_narrow(tmp_path: Path, lines: pd.DataFrame, summary: Summary) -> None:
    """The page follows the dark scheme, prints on white without the table, and fits a telephone's width."""
    write_report(tmp_path / "r.html", lines, summary)
    ground = "getComputedStyle(document.body).backgroundColor"

    async def use(tab: Tab) -> None:
        scheme = {"name": "prefers-color-scheme", "value": "dark"}
        await tab.call("Emulation.setEmulatedMedia", media="screen", features=[scheme])
        assert await tab.value(ground) == "rgb(18, 22, 28)"
        await tab.call("Emulation.setEmulatedMedia", media="print", features=[scheme])
        assert await tab.value(ground) == "rgb(255, 255, 255)"
        assert await tab.value("getComputedStyle(document.getElementById('view')).display") == "none"
        await tab.call("Emulation.setEmulatedMedia", media="screen", features=[])
        await tab.call("Emulation.setDeviceMetricsOverride", width=360, height=700, deviceScaleFactor=1, mobile=True)
        assert await tab.value("document.documentElement.scrollWidth <= 360")

    look(tmp_path / "r.html", tmp_path, use)

"""The page in a real browser: its whole way, by mouse and keyboard, light, dark and narrow; and attacks from there."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.browser import Tab, needs_browser, opened
from tests.conftest import served
from tests.ui.test_process import file, running
from tests.ui.test_way import listed

pytestmark = needs_browser
DROP = """(() => {
  const held = new DataTransfer();
  held.items.add(new File(%r, %r));
  document.body.dispatchEvent(new DragEvent("drop", {dataTransfer: held, bubbles: true, cancelable: true}));
})()"""


@contextlib.asynccontextmanager
async def at_the_page(address: str, tmp_path: Path) -> AsyncIterator[Tab]:
    """The page as it is opened; in the end nothing was asked of another server, and no script complained."""
    async with opened(address, tmp_path / "profile") as tab:
        await tab.until("document.querySelector('main h1') !== null")
        await tab.until("document.querySelector('#upload button:enabled') !== null")
        yield tab
        asked = [event["params"]["request"]["url"] for event in tab.heard("Network.requestWillBeSent")]
        origin = address.partition("/open")[0]
        assert [url for url in asked if not url.startswith((origin, "about:", "blob:", "data:"))] == []
        assert tab.heard("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded") == []


def go(address: str, tmp_path: Path, what: Callable[[Tab], Awaitable[None]]) -> None:
    """Do this at the page."""

    async def inside() -> None:
        async with at_the_page(address, tmp_path) as tab:
            await what(tab)

    asyncio.run(inside())


async def phase(tab: Tab, name: str) -> None:
    """Wait until the work is that far."""
    await tab.until(f"document.querySelector('.work')?.dataset.phase === {name!r}")


async def heading(tab: Tab) -> str:
    return str(await tab.value("document.querySelector('main h1').textContent.trim()"))


async def judged(tab: Tab) -> list[str]:
    """What does not fit into the window, wide or narrow, light or dark."""
    found: list[str] = []
    for looks in ({}, {"dark": True}, {"width": 380, "height": 800}):
        await tab.emulate(**looks)
        wide = await tab.value("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found += [f"{looks}: {wide} px too wide"] if wide > 0 else []
    await tab.emulate()
    return found


def test_the_whole_way_in_a_browser(address: str, tmp_path: Path):
    """A dropped file comes to its report, its rejects to a next run, and each page can be used by everybody."""

    async def way(tab: Tab) -> None:
        faults = {"start": await judged(tab)}
        content = "nom;portable\nA;06 00 00 01 01\nB;O6 00 00 01 16\nC;06 00\n"
        await tab.value(DROP % ([content], "dropped.csv"))
        await tab.press("#upload button")
        await phase(tab, "read")
        assert await tab.value("document.activeElement.tagName") == "H1"
        faults["read"] = await judged(tab)
        await tab.press("#go")
        await phase(tab, "planned")
        faults["planned"] = await judged(tab)
        await tab.press(".confirm button")
        await phase(tab, "done")
        assert "1 number was added" in await heading(tab)
        faults["done"] = await judged(tab)
        await tab.press("a[href$='/mend']")
        await tab.until("document.querySelector('.mend') !== null && document.readyState === 'complete'")
        await tab.press("[data-fill]")
        assert await tab.value("document.activeElement.value") == "+33600000116"
        faults["mend"] = await judged(tab)
        await tab.press("button[value=send]")
        await phase(tab, "planned")
        await tab.press(".confirm button")
        await phase(tab, "done")
        for name in ("lists", "runs"):
            await tab.press(f"nav a[href$='/{name}']")
            await tab.until(f"location.pathname.endsWith('/{name}') && document.querySelector('main h1') !== null")
            faults[name] = await judged(tab)
        await tab.press("main td a")
        await tab.until("document.querySelector('form[action$=undo]') !== null")
        await tab.press("form[action$=undo] button")
        await phase(tab, "planned")
        faults["undo"] = await judged(tab)
        await tab.fill("#reason", "wrong file")
        await tab.press(".confirm button")
        await phase(tab, "done")
        assert {page: found for page, found in faults.items() if found} == {}

    go(address, tmp_path, way)
    assert listed() == ["+33600000101"]


def test_a_doubt_is_answered_by_the_keyboard_alone(address: str, tmp_path: Path):
    """From the file to its report no mouse is needed: what is to be answered has the focus, or comes by Tab."""

    async def way(tab: Tab) -> None:
        path = tmp_path / "doubt.csv"
        path.write_text("Mobile;Statut\n0612345678;Actif\n0687654321;Désabonné\n", encoding="utf-8")
        await tab.choose_files("#files", path)
        await tab.value("document.querySelector('#files').focus()")
        await tab_to(tab, "#upload .acts button")
        await tab.key("Enter")
        await phase(tab, "asking")
        assert await tab.value("document.activeElement.name") == "choice"
        await tab.key(" ")
        await tab_to(tab, "button[value=take]")
        await tab.key("Enter")
        await phase(tab, "read")
        await tab_to(tab, "#go")
        await tab.key("Enter")
        await phase(tab, "planned")
        await tab_to(tab, ".confirm button")
        await tab.key("Enter")
        await phase(tab, "done")
        assert "1 number was added" in await heading(tab)

    go(address, tmp_path, way)


async def tab_to(tab: Tab, selector: str) -> None:
    """Press Tab until this has the focus."""
    for _press in range(60):
        if await tab.value(f"document.activeElement === document.querySelector({selector!r})"):
            return
        await tab.key("Tab")
    pytest.fail(f"Tab never comes to {selector}")


def test_progress_survives_a_reload(tmp_path: Path, environment: dict[str, str]):
    """A page that is loaded anew in mid-run shows the same run, further on, and then its result."""
    state = tmp_path / "served.db"
    with served("--latency", 300, "--state", state, environment=environment) as url:
        environment |= {"PTX_BASE_URL": url, "PTX_API_KEY": "sandbox"}
        with running(environment) as page:
            path = tmp_path / "many.csv"
            path.write_text(file(1500), encoding="utf-8")
            work, _planned = page.visitor.plan("many.csv", path.read_bytes())
            cookie = next(iter(page.visitor.client.cookies.jar))

            async def way() -> None:
                async with opened(page.visitor.origin, tmp_path / "profile") as tab:
                    await tab.call(
                        "Network.setCookie",
                        name=cookie.name,
                        value=cookie.value or "",
                        url=page.visitor.origin,
                        path=cookie.path,
                        sameSite="Strict",
                        httpOnly=True,
                    )
                    await tab.call("Page.navigate", url=f"{page.visitor.origin}{page.visitor.folder}/works/{work}")
                    await tab.press(".confirm button")
                    await tab.until("(document.querySelector('#bar')?.value ?? 0) > 50")
                    before = await tab.value("document.querySelector('#bar').value")
                    await tab.call("Page.reload")
                    await tab.until(f"(document.querySelector('#bar')?.value ?? 0) > {before}")
                    assert "a second" in await tab.value("document.querySelector('#left').textContent")
                    await phase(tab, "done")
                    assert "1,500 numbers were added" in await heading(tab)

            asyncio.run(way())


class _Elsewhere(BaseHTTPRequestHandler):
    """Another site's server, which serves one page."""

    page = b""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(self.page)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_another_page_in_the_same_browser_gets_nothing(address: str, tmp_path: Path, name: str):
    """A page of another server, on this machine, too, can neither post to ours, read it, nor show it in a frame."""
    server = HTTPServer(("127.0.0.1", 0), _Elsewhere)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()

    async def way() -> None:
        async with opened(address, tmp_path / "profile") as tab:
            await tab.until("document.querySelector('#files') !== null")
            base = str(await tab.value("location.origin + document.body.dataset.base"))
            _Elsewhere.page = (
                f"<form id=f method=post action='{base}/lists/audit'></form><iframe src='{base}/'></iframe>"
                "<title>elsewhere</title>"
            ).encode()
            await tab.call("Page.navigate", url=f"http://{name}:{server.server_address[1]}/")
            await tab.until("document.title === 'elsewhere'")
            fetched = f"fetch('{base}/', {{credentials: 'include'}}).then(() => 'read', () => 'refused')"
            assert await tab.value(fetched) == "refused"
            framed = "(() => { try { return frames[0].document.body.innerText } catch { return '' } })()"
            assert await tab.value(framed) == ""
            await tab.value("document.getElementById('f').submit()")
            await tab.until("document.body?.innerText.includes('from another site')")
            await tab.call("Page.navigate", url=f"{base}/")
            await tab.until("document.querySelector('#files') !== null")
            assert "Not finished" not in await tab.value("document.body.innerText")

    try:
        asyncio.run(way())
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

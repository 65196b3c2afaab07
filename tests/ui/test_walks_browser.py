"""Walks over all pages in a real browser: axe, both languages, contacts, lists that are unknown, a killed server."""

from __future__ import annotations

import asyncio
import importlib.util
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from ptx_bulk import i18n
from tests.browser import Tab, needs_browser, opened
from tests.conftest import served
from tests.i18n import catalogues
from tests.ui.test_page_browser import DROP, go, heading, phase
from tests.ui.test_process import N, added, file, running
from tests.ui.test_way import listed, numbers
from tests.ui.visitor import Visitor

pytestmark = needs_browser

CONTACTS = "Nom;Portable\nAnna;06 00 00 00 01\nBob;06 12 34 56 78\nCarl;06 00\nDora;O6 00 00 00 02\n"
LISTS = "tel;liste\n" + "".join(f"06000000{n:02d};STOP\n" for n in range(20)) + "0600000090;rien\nO600000091;NPAI\n"


async def dropped(tab: Tab, content: str, name: str = "a.csv") -> None:
    """Drop a file where it is asked for, and have it read."""
    await tab.until("document.querySelector('form.upload .acts button:enabled') !== null")
    await tab.value(DROP % ([content], name))
    await tab.press("form.upload .acts button")
    await tab.until("['read', 'asking'].includes(document.querySelector('.work')?.dataset.phase)")


async def page(tab: Tab, path: str) -> None:
    """Go there by the menu."""
    await tab.press(f"nav a[href$='{path}']")
    await tab.until(f"location.pathname.endsWith('{path}') && document.querySelector('main h1') !== null")
    await tab.until("document.readyState === 'complete'")


async def mend(tab: Tab) -> None:
    """Go on to the rows that could not be read."""
    await tab.press("a[href$='/mend']")
    await tab.until("document.querySelector('.mend') !== null && document.readyState === 'complete'")


async def send(tab: Tab) -> AsyncIterator[str]:
    """From what a file means to its result."""
    for press, until, name in (("#go", "planned", "plan"), (".confirm button", "done", "result")):
        await tab.press(press)
        await phase(tab, until)
        yield name


async def every_page(tab: Tab) -> AsyncIterator[str]:
    """The name of each page, and of each state of a piece of work, as it is shown."""
    yield "start"
    await dropped(tab, LISTS)
    yield await tab.value("document.querySelector('.work').dataset.phase")
    if await tab.value("document.querySelector('input[name=choice]') !== null"):
        await tab.press("input[name=choice]")
        await tab.press("button[value=take]")
        await phase(tab, "read")
    await tab.value("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    yield "reading"
    async for name in send(tab):
        yield name
    await mend(tab)
    yield "mending"
    await page(tab, "/scrub")
    yield "contacts"
    await dropped(tab, CONTACTS)
    yield "reading of contacts"
    await tab.press("#go")
    await phase(tab, "done")
    yield "contacts written"
    await page(tab, "/find")
    yield "find"
    await tab.fill("#numbers", "06 00 00 00 01")
    await tab.press("main form .acts button")
    await phase(tab, "done")
    yield "found"
    await page(tab, "/find")
    await tab.fill("#numbers", "-")
    await tab.press("main form .acts button")
    await phase(tab, "failed")
    yield "failed"
    await page(tab, "/lists")
    await tab.value("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    yield "lists"
    await tab.press("form[action$=audit] button")
    await phase(tab, "done")
    yield "audit"
    await page(tab, "/runs")
    yield "runs"
    await tab.press("main td a")
    await tab.until("document.querySelector('form[action$=undo]') !== null")
    yield "run"
    await tab.press("form[action$=undo] button")
    await phase(tab, "planned")
    yield "undo"
    await tab.value("location.href = document.body.dataset.base + '/accounts'")
    await tab.until("location.pathname.endsWith('/accounts') && document.querySelector('main h1') !== null")
    yield "accounts"


AXE = importlib.util.find_spec("axe_core_python")


@pytest.mark.skipif(AXE is None, reason="axe is not installed: it is in axe-core-python, of the group dev")
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_on_any_page(address: str, tmp_path: Path, dark: bool):
    """Nobody is kept out: on no page, and in no state of a piece of work, does axe find a fault."""
    assert AXE is not None
    assert AXE.origin is not None
    source = (Path(AXE.origin).parent / "axe.min.js").read_text(encoding="utf-8")
    look = "axe.run(document).then(r => r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html).join(' | ')))"

    async def walk(tab: Tab) -> None:
        await tab.emulate(dark=dark)
        found, seen = {}, []
        async for name in every_page(tab):
            seen.append(name)
            await tab.call("Runtime.evaluate", expression=source)
            if faults := await tab.value(look):
                found[name] = faults
        assert found == {}
        assert len(seen) == 18

    go(address, tmp_path, walk)


@pytest.fixture
def english_again() -> Iterator[None]:
    """The language is the process's: other tests speak English."""
    yield
    i18n.use("en")


def test_every_page_speaks_french(english_again: None, address: str, tmp_path: Path):
    """After the language was chosen no sentence of any page is left in English, and headings are the French ones."""
    french = {
        english: said
        for english, said in catalogues.translations(catalogues.french()).items()
        if isinstance(english, str) and len(english.split()) > 2 and "{" not in english and english != said
    }

    async def walk(tab: Tab) -> None:
        await tab.press(".language button")
        await tab.until("document.documentElement?.lang === 'fr'")
        headings, left = {}, {}
        async for name in every_page(tab):
            headings[name] = (await heading(tab)).replace("\xa0", " ")  # before a question mark, as the French do
            text = str(await tab.value("document.body.innerText"))
            if found := [english for english in french if english in text]:
                left[name] = found
        assert left == {}
        assert headings["start"] == "Quel fichier ?"
        assert headings["reading"] == "Est-ce bien ce que veut dire le fichier ?"
        assert headings["contacts"] == "À qui pouvez-vous écrire ?"
        assert headings["plan"].startswith("STOP : 20 numéros seraient ajoutés")

    go(address, tmp_path, walk)


def test_contacts_are_cleaned_and_mended(visitor: Visitor, address: str, tmp_path: Path):
    """A dropped file of contacts becomes its parts; what could not be read is mended there and judged again."""
    visitor.send("a.csv", numbers(3))
    cookie = next(iter(visitor.client.cookies.jar))

    async def way() -> None:
        async with opened(visitor.origin, tmp_path / "profile") as tab:
            await enter(tab, visitor, cookie, "/scrub")
            await dropped(tab, CONTACTS, "campagne.csv")
            await tab.press("#go")
            await phase(tab, "done")
            assert await heading(tab) == "1 row is taken out, 1 may be written to"
            await mend(tab)
            await tab.press("[data-fill]")
            await tab.press("button[value=send]")
            await phase(tab, "done")
            assert await heading(tab) == "1 row is taken out, 0 may be written to"

    asyncio.run(way())
    assert len(listed()) == 3


async def enter(tab: Tab, visitor: Visitor, cookie, path: str) -> None:
    """Open a page of ours in a browser that has the cookie."""
    await tab.call(
        "Network.setCookie",
        name=cookie.name,
        value=cookie.value or "",
        url=visitor.origin,
        path=cookie.path,
        sameSite="Strict",
        httpOnly=True,
    )
    await tab.call("Page.navigate", url=f"{visitor.origin}{visitor.folder}{path}")
    await tab.until("document.querySelector('main h1') !== null")


def test_a_killed_server_is_gone_on_from(tmp_path: Path, environment: dict[str, str]):
    """A server that is killed in mid-run is missed by its page; the next one goes on, and nothing is sent twice."""
    state = tmp_path / "served.db"
    with served("--record", "--latency", 250, "--state", state, environment=environment) as url:
        environment |= {"PTX_BASE_URL": url, "PTX_API_KEY": "sandbox"}

        async def way() -> None:
            with running(environment) as first:
                cookie = next(iter(first.visitor.client.cookies.jar))
                work, _planned = first.visitor.plan("a.csv", file())
                async with opened(first.visitor.origin, tmp_path / "one") as tab:
                    await enter(tab, first.visitor, cookie, f"/works/{work}")
                    await tab.press(".confirm button")
                    await tab.until("(document.querySelector('#bar')?.value ?? 0) > 40")
                    first.end(signal.SIGKILL)
                    await tab.until("document.getElementById('lost').hidden === false")
            with running(environment) as second:
                cookie = next(iter(second.visitor.client.cookies.jar))
                async with opened(second.visitor.origin, tmp_path / "two") as tab:
                    await enter(tab, second.visitor, cookie, "/")
                    await tab.press("#stopped ~ ul a")
                    await tab.press("form[action$=resume] button")
                    await phase(tab, "done")
                    assert f"{N} numbers were added" in await heading(tab)

        asyncio.run(way())
        assert set(added(state).values()) == {1}
        assert len(added(state)) == N


def test_an_unknown_list_is_chosen_in_the_page(address: str, tmp_path: Path):
    """Rows that say neither list are put on one by a button, and all suggestions are taken by another."""

    async def way(tab: Tab) -> None:
        await dropped(tab, LISTS)
        if await tab.value("document.querySelector('input[name=choice]') !== null"):
            await tab.press("input[name=choice]")
            await tab.press("button[value=take]")
            await phase(tab, "read")
        await tab.press("#go")
        await phase(tab, "planned")
        await tab.press(".confirm button")
        await phase(tab, "done")
        await mend(tab)
        await tab.press("button[value=npai]")
        await tab.until("document.querySelector('select option[value=npai]:checked') !== null")
        await tab.until("document.readyState === 'complete'")
        await tab.press("button[value=all]")
        await tab.until("document.querySelector('.mend input')?.value === '+33600000091'")
        await tab.until("document.readyState === 'complete'")
        await tab.press("button[value=send]")
        await phase(tab, "planned")
        assert "2 numbers would be added" in await heading(tab)

    go(address, tmp_path, way)


def test_a_run_can_be_stopped_where_it_was_begun(tmp_path: Path, environment: dict[str, str]):
    """The page that a run was begun on offers to stop it without being loaded anew, and says that it is stopping."""
    state = tmp_path / "served.db"
    with served("--record", "--latency", 250, "--state", state, environment=environment) as url:
        environment |= {"PTX_BASE_URL": url, "PTX_API_KEY": "sandbox"}

        async def way() -> None:
            with running(environment) as at:
                cookie = next(iter(at.visitor.client.cookies.jar))
                work, _planned = at.visitor.plan("a.csv", file(2000))
                async with opened(at.visitor.origin, tmp_path / "profile") as tab:
                    await enter(tab, at.visitor, cookie, f"/works/{work}")
                    await tab.press(".confirm button")
                    await tab.press("form[action$='/stop'] button")
                    await phase(tab, "done")
                    assert "numbers were not sent" in await heading(tab)

        asyncio.run(way())
        assert 0 < len(added(state)) < 2000

"""Headless Chromium for tests, spoken to over its DevTools protocol."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
needs_browser = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium found; Debian's package is called chromium"),
]
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--remote-debugging-port=0"),
    "--window-size=1400,1000",
)


class Tab:
    """One page, its console and its network traffic."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._number = 0
        self.events: list[dict[str, Any]] = []

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        """One command of the protocol; events that arrive meanwhile are kept."""
        self._number += 1
        await self._socket.send_json({"id": self._number, "method": method, "params": params})
        while True:
            message = await self._socket.receive_json(timeout=30)
            if message.get("id") == self._number:
                assert "error" not in message, message
                return dict(message["result"])
            self.events.append(message)

    async def value(self, expression: str) -> Any:
        """The value of an expression in the page."""
        answer = await self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    async def until(self, expression: str) -> None:
        """Wait until the expression is true."""
        for _try in range(300):
            if await self.value(expression):
                return
            await asyncio.sleep(0.05)
        pytest.fail(f"never came true: {expression}")

    async def press(self, selector: str) -> None:
        """Click an element, as its script or form hears it."""
        await self.until(f"document.querySelector({selector!r}) !== null")
        await self.value(f"document.querySelector({selector!r}).click()")

    async def fill(self, selector: str, text: str) -> None:
        """Type into a field, or choose of a list."""
        await self.until(f"document.querySelector({selector!r}) !== null")
        await self.value(
            f"(() => {{ const field = document.querySelector({selector!r}); field.focus(); field.value = {text!r}; "
            "field.dispatchEvent(new Event('change', {bubbles: true})); })()"
        )

    async def choose_files(self, selector: str, *paths: Path) -> None:
        """Give files to a file field, as its dialog does."""
        root = (await self.call("DOM.getDocument"))["root"]["nodeId"]
        node = (await self.call("DOM.querySelector", nodeId=root, selector=selector))["nodeId"]
        await self.call("DOM.setFileInputFiles", nodeId=node, files=[str(path) for path in paths])

    async def key(self, name: str) -> None:
        """Press a key of the keyboard: `Tab`, `Enter` or a blank."""
        code, text = {"Tab": (9, {}), "Enter": (13, {"text": "\r"}), " ": (32, {"text": " "})}[name]
        for kind in ("keyDown", "keyUp"):
            await self.call("Input.dispatchKeyEvent", type=kind, key=name, windowsVirtualKeyCode=code, **text)

    async def emulate(self, *, width: int = 1280, height: int = 900, dark: bool = False) -> None:
        """A window of this size, in the light or the dark."""
        await self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False
        )
        scheme = "dark" if dark else "light"
        await self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    async def picture(self, path: Path) -> None:
        """The whole page as PNG."""
        shot = await self.call("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))

    def heard(self, *methods: str) -> list[dict[str, Any]]:
        """The events of these kinds so far."""
        return [event for event in self.events if event["method"] in methods]


@contextlib.asynccontextmanager
async def opened(url: str, profile: Path, *, javascript: bool = True) -> AsyncIterator[Tab]:
    """A browser of its own that shows the page, and is gone afterwards."""
    assert CHROMIUM is not None
    browser = subprocess.Popen([CHROMIUM, *FLAGS, f"--user-data-dir={profile}"], stderr=subprocess.DEVNULL)
    try:
        port_file = profile / "DevToolsActivePort"
        for _try in range(400):
            if port_file.exists() and port_file.read_text().count("\n"):
                break
            await asyncio.sleep(0.05)
        port = port_file.read_text().splitlines()[0]
        async with (
            aiohttp.ClientSession() as session,
            session.put(f"http://127.0.0.1:{port}/json/new?about:blank") as answer,
        ):
            target = await answer.json()
            async with session.ws_connect(target["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                tab = Tab(socket)
                for domain in ("Page", "Runtime", "Network", "Log"):
                    await tab.call(f"{domain}.enable")
                await tab.call("Emulation.setScriptExecutionDisabled", value=not javascript)
                await tab.call("Page.navigate", url=url)
                await tab.until("document.readyState === 'complete' && location.protocol !== 'about:'")
                yield tab
    finally:
        browser.terminate()
        browser.wait(timeout=20)

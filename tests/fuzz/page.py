"""The local page under requests that no browser would send, or not in this order: no crash, no way past its guard."""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import shutil
import time
from dataclasses import asdict
from pathlib import Path
from urllib.parse import quote

from starlette.requests import ClientDisconnect
from starlette.types import Message

from ptx_bulk import i18n
from ptx_bulk.settings import load
from ptx_bulk.ui.app import create_app
from ptx_bulk.ui.web.security import Door
from ptx_bulk.ui.works.work import Phase
from tests.fuzz.inprocess import stay_here
from tests.fuzz.requests import HOSTS, PORT, Step, change, encoded, ways
from tests.fuzz.target import Target

_PATIENCE_S = 20.0


class Page(Target):
    """Requests one after the other to a page of its own."""

    def __init__(self, folder: Path) -> None:
        """Know the addresses."""
        super().__init__(folder)
        stay_here()
        (folder / "config.toml").write_text('[shop]\nregion = "BE"\n', encoding="utf-8")

    def make(self, rng: random.Random) -> bytes:
        """A way through the page, with steps changed, lost and added."""
        steps = rng.choice(list(ways(rng)))
        for _n in range(rng.choice((0, 1, 1, 2, 4, 8))):
            change(steps, rng)
        return json.dumps([asdict(step) for step in steps]).encode("utf-8", "surrogatepass")

    def run(self, content: bytes) -> str:
        """Send them all, each when the work waits for it."""
        home = self.folder / "page"
        shutil.rmtree(home, ignore_errors=True)
        os.environ["PTX_HOME"] = str(home)
        i18n.use("en")
        visit = _Visit()
        try:
            return "; ".join(filter(None, (visit.answered(Step(**one)) for one in json.loads(content))))
        finally:
            visit.app.state.page.ending = True
            visit.app.state.page.works.stop(_PATIENCE_S)


class _Visit:
    """A page that is new, and a browser that was let in."""

    def __init__(self) -> None:
        self.door = Door()
        self.app = create_app(load(sandbox=True), self.door)
        self.cookie = str(self.door.open(self.door.address(PORT).partition("token=")[2])).partition(";")[0]

    def answered(self, step: Step) -> str:
        """Send one request and wait for the work that it begins; what is wrong with that."""
        works = self.app.state.page.works
        work = next(reversed(works._works.values()), None)
        facts = {"work": work.work_id if work else "none", "version": str(work.version) if work else "0"}
        facts |= {"run": work.result.summary.run_id if work and work.result else "latest"}
        facts |= {"file": next(iter(work.downloads), "none") if work else "none"}
        shown = f"{step.method} {step.path} {step.form} {step.headers}"[:600]
        try:
            status, headers, body = self._sent(step, facts)
        except ClientDisconnect:  # nobody is there to be answered
            return ""
        except Exception as error:
            return f"{shown}: {type(error).__name__}: {error}"
        wrong = [f"{status}"] if status >= 500 or "Unexpected error" in body else []
        wrong += ["past the guard"] if not _may(step, self) and status not in {403, 405, 421} else []
        wrong += ["no policy"] if "content-security-policy" not in headers else []
        wrong += self._settled()
        return f"{shown}: {', '.join(wrong)}" if wrong else ""

    def _settled(self) -> list[str]:
        page, end = self.app.state.page, time.monotonic() + _PATIENCE_S
        while any(work.phase is Phase.BUSY for work in page.works.busy):
            if time.monotonic() > end:
                return ["it does not end"]
            time.sleep(0.005)
        return [str(one.error) for one in page.works._works.values() if "Unexpected error" in str(one.error or "")]

    def _sent(self, step: Step, facts: dict[str, str]) -> tuple[int, dict[str, str], str]:
        path, _mark, query = _filled(step.path, facts).partition("?")
        form, asked = ([[_filled(one, facts) for one in pair] for pair in pairs] for pairs in (step.form, step.query))
        body = step.body.encode("latin-1") if step.body is not None else encoded(form)
        headers = [(name.encode(), value.encode("latin-1")) for name, value in _headers(step, self)]
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "http",
            "method": step.method.upper(),
            "path": f"{self.door.folder}{path}", "raw_path": quote(path, errors="replace").encode(), "root_path": "",
            "query_string": query.encode("utf-8", "replace") or encoded(asked),
            "headers": headers, "server": ("127.0.0.1", PORT), "client": ("127.0.0.1", 1),
        }  # fmt: skip
        coming: list[Message] = [{"type": "http.request", "body": body[: len(body) // 2], "more_body": True}]
        coming += [] if step.cut else [{"type": "http.request", "body": body[len(body) // 2 :], "more_body": False}]
        return asyncio.run(_asked(self.app, scope, coming))


async def _asked(app: object, scope: dict[str, object], coming: list[Message]) -> tuple[int, dict[str, str], str]:
    """The answer to a request: status, headers and text."""
    sent: list[Message] = []

    async def receive() -> Message:
        return coming.pop(0) if coming else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    await asyncio.wait_for(app(scope, receive, send), _PATIENCE_S)  # type: ignore[operator]
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, b"".join(one.get("body", b"") for one in sent[1:]).decode("utf-8", "replace")


def _filled(text: str, facts: dict[str, str]) -> str:
    return re.sub(r"\{(work|version|run|file)\}", lambda found: facts[found[1]], text)


def _headers(step: Step, visit: _Visit) -> list[tuple[str, str]]:
    said = {name for name, _value in step.headers}
    ours = {"host": HOSTS[0], "origin": f"http://{HOSTS[0]}", "cookie": visit.cookie}
    return [
        *((name, value) for name, value in ours.items() if name not in said),
        *((one, value) for one, value in step.headers),
    ]


def _may(step: Step, visit: _Visit) -> bool:
    """Whether our own page in this browser could have sent it."""
    said = _headers(step, visit)
    found = {
        name: [value for one, value in said if one == name] for name in ("host", "origin", "cookie", "sec-fetch-site")
    }
    safe = step.method.upper() in {"GET", "HEAD"} or found["origin"][0] in {f"http://{host}" for host in HOSTS}
    alone = len(found["host"]) == 1 and found["host"][0].lower() in HOSTS
    return (
        safe
        and alone
        and found["cookie"][0] == visit.cookie
        and found["sec-fetch-site"][:1] in ([], ["none"], ["same-origin"])
    )

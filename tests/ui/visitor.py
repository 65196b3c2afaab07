"""A person at the page, as far as HTTP goes: what a browser would send, and what it would show."""

from __future__ import annotations

import html
import re
import time
from dataclasses import dataclass
from pathlib import Path

import httpx

SAMPLES = Path(__file__).resolve().parent.parent.parent / "samples"


@dataclass(frozen=True)
class Seen:
    """A page."""

    text: str
    status: int
    location: str = ""

    @property
    def phase(self) -> str:
        """What the work waits for, '' on other pages."""
        found = re.search(r'data-phase="(\w+)"', self.text)
        return found[1] if found else ""

    @property
    def face(self) -> str:
        """The same, and what it does while it is busy."""
        found = re.search(r'data-face="([\w-]+)"', self.text)
        return found[1] if found else ""

    @property
    def version(self) -> str:
        """Which state of the work it shows."""
        found = re.search(r'data-version="(\d+)"', self.text)
        assert found
        return found[1]

    @property
    def words(self) -> str:
        """What it says, in one line."""
        main = self.text[self.text.index("<main") : self.text.index("</main")]
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())

    @property
    def work(self) -> str:
        """The work that the answer leads to."""
        return self.location.rpartition("/")[2]


class Visitor:
    """A browser that has opened the page."""

    def __init__(self, address: str) -> None:
        self.origin = address.partition("/open")[0]
        self.client = httpx.Client(base_url=self.origin, headers={"origin": self.origin}, timeout=60)
        opened = self.client.get(address)
        assert opened.status_code == 200, opened.text
        found = re.search(r"url=(/[^/]+)/", opened.text)
        assert found
        self.folder = found[1]
        self.account = "0"

    def get(self, path: str) -> Seen:
        """Open a page of ours."""
        answer = self.client.get(self.folder + path)
        return Seen(answer.text, answer.status_code)

    def post(self, path: str, **values: str) -> Seen:
        """Send a form; where it leads is not followed."""
        answer = self.client.post(self.folder + path, data={"account": self.account, **values})
        return Seen(answer.text, answer.status_code, answer.headers.get("location", ""))

    def choose(self, profile: str) -> None:
        """Work for this account from now on."""
        self.post("/accounts/choose", profile=profile)
        found = re.search(r'data-account="(\d+)"', self.get("/lists").text)
        assert found
        self.account = found[1]

    def upload(self, name: str, content: bytes, work: str = "", **about: str) -> str:
        """Drop a file; the work that it becomes part of. `about` is its `kind` of work, and its `role`."""
        query = {"name": name, "work": work, "account": self.account, **about}
        answer = self.client.post(f"{self.folder}/upload", params=query, content=content)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["work"])

    def settled(self, work: str) -> Seen:
        """The work's page once it waits for somebody."""
        for _try in range(600):
            page = self.get(f"/works/{work}")
            if page.phase != "busy":
                return page
            time.sleep(0.05)
        raise AssertionError(page.words)

    def say(self, work: str, what: str, **values: str) -> Seen:
        """Send one of the work's forms, and see what comes of it."""
        version = self.get(f"/works/{work}").version
        answer = self.post(f"/works/{work}/{what}", version=version, **values)
        assert answer.status == 303, answer.text
        return self.settled(answer.work or work)

    def read(self, name: str, content: bytes | str, mode: str = "import", kind: str = "") -> tuple[str, Seen]:
        """Drop a file and have it read."""
        work = self.upload(name, content.encode() if isinstance(content, str) else content)
        self.post(f"/works/{work}/begin", mode=mode, list=kind)
        return work, self.settled(work)

    def plan(self, name: str, content: bytes | str, mode: str = "import", kind: str = "") -> tuple[str, Seen]:
        """The same, and its plan."""
        work, _page = self.read(name, content, mode, kind)
        return work, self.say(work, "reading", act="plan")

    def send(self, name: str, content: bytes | str, mode: str = "import", kind: str = "", **allowed: str) -> Seen:
        """The same, and send it."""
        work, _page = self.plan(name, content, mode, kind)
        return self.say(work, "send", **allowed)

"""The page on a real server in this process: real HTTP on the loopback address."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from ptx_bulk.sandbox.serving import listen
from ptx_bulk.settings import load
from ptx_bulk.ui.app import create_app
from ptx_bulk.ui.web.security import Door
from tests.ui.visitor import Visitor


@contextlib.contextmanager
def served_page() -> Iterator[str]:
    """The page of a sandbox account; yields the address that opens it once."""
    listener, door = listen(0), Door()
    app = create_app(load(sandbox=True), door)
    config = uvicorn.Config(app, log_config=None, ws="none", lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],))
    address = door.address(listener.getsockname()[1])
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield address
    finally:
        app.state.page.ending = server.should_exit = True
        thread.join(20)
        assert app.state.page.works.stop(20)
        listener.close()


def fresh(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have this process use this state folder, and no account of its surroundings."""
    for name in ("PTX_API_KEY", "PRIMOTEXTO_API_KEY", "PTX_PROFILE", "PTX_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PTX_HOME", str(home))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The state folder."""
    fresh(tmp_path / "home", monkeypatch)
    return tmp_path / "home"


@pytest.fixture
def address(home: Path) -> Iterator[str]:
    """What the browser is started with."""
    with served_page() as url:
        yield url


@pytest.fixture
def visitor(address: str) -> Iterator[Visitor]:
    """A browser that has opened it."""
    visitor = Visitor(address)
    with contextlib.closing(visitor.client):
        yield visitor


@pytest.fixture(scope="module")
def guest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    """A visitor of a page that a whole file of tests uses: for those that leave nothing behind."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        fresh(tmp_path_factory.mktemp("guest") / "home", monkeypatch)
        with served_page() as url:
            visitor = Visitor(url)
            with contextlib.closing(visitor.client):
                yield visitor

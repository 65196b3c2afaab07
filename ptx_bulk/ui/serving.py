"""The page served on this machine until Ctrl-C, or until it is closed for good."""

from __future__ import annotations

import contextlib
import threading
import time
import webbrowser
from collections.abc import Callable
from types import FrameType

import uvicorn

from ptx_bulk.sandbox.serving import Server, listen
from ptx_bulk.settings import Settings
from ptx_bulk.ui.app import create_app
from ptx_bulk.ui.routes.common import Page
from ptx_bulk.ui.web.security import Door

_LOOK_S = 1.0
_GOODBYE_S = 15.0  # a run that is stopped has its last answers to wait for, and owes its report


def serve(settings: Settings, *, port: int, browser: bool, announce: Callable[[str], None]) -> bool:
    """Serve the page on 127.0.0.1 until it ends; whether all work was ended then.

    Args:
        settings: which account.
        port: the port, 0 for any free one.
        browser: whether the page is opened in the user's browser.
        announce: called once with the address to open, which works once.

    Raises:
        ConfigurationError: the port or the state folder cannot be used.
    """
    listener = listen(port)
    try:
        door = Door()
        app = create_app(settings, door)
        page: Page = app.state.page
        page.works.sweep()
        address = door.address(listener.getsockname()[1])

        def begun() -> None:
            announce(address)
            if browser:  # in a thread of its own: some browsers return only when they are closed
                threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()

        config = uvicorn.Config(
            app,
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=2,
        )
        server = _PageServer(config, begun, page)
        threading.Thread(target=_end_when_left, args=(server, page), daemon=True).start()
        with contextlib.suppress(KeyboardInterrupt):  # a terminal that is closed
            server.run(sockets=[listener])
        page.ending = True
        return page.works.stop(_GOODBYE_S)
    finally:
        listener.close()


class _PageServer(Server):
    """Ends with its work: the first signal stops a run cleanly, a second one does not wait for what is in the air."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None], page: Page) -> None:
        super().__init__(config, announce)
        self._page = page

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop."""
        self._page.ending = True
        for work in self._page.works.busy:
            work.stop()
        super().handle_exit(sig, frame)


def _end_when_left(server: _PageServer, page: Page) -> None:
    """End the server when the page was closed for good; never while something is being done."""
    while not server.should_exit:
        time.sleep(_LOOK_S)
        if page.presence.over and not page.works.busy:
            page.ending = True
            server.should_exit = True

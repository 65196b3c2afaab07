"""All addresses of the page behind its guard."""

from __future__ import annotations

import mimetypes
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from ptx_bulk.errors import PtxError
from ptx_bulk.settings import Settings
from ptx_bulk.ui.routes import accounts, files, lists, mending, numbers, presence, runs, start, uploads, works
from ptx_bulk.ui.routes.common import Page, on_crash, on_error, on_missing
from ptx_bulk.ui.web.presence import Presence
from ptx_bulk.ui.web.security import Door, Guard
from ptx_bulk.ui.works.registry import Works

# A program may have told Windows otherwise, and a script that is called plain text is not run.
_KINDS = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_STATIC = Path(__file__).with_name("static")
_ROOMS = (start, accounts, uploads, files, mending, numbers, lists, works, runs, presence)
_ROUTES = tuple(route for room in _ROOMS for route in room.ROUTES)


def create_app(settings: Settings, door: Door) -> Starlette:
    """The page's application; its state (`Page`) is `app.state.page`."""
    page = Page(settings, Works(settings.home), Presence(), door.folder)
    for ending, kind in _KINDS.items():
        mimetypes.add_type(kind, ending)
    static = Mount("/static", StaticFiles(directory=_STATIC))
    app = Starlette(
        routes=[Mount(door.folder, routes=[*_ROUTES, static])],
        middleware=[Middleware(Guard, door=door)],
        exception_handlers={PtxError: on_error, HTTPException: on_missing, Exception: on_crash},
    )
    app.state.page = page
    return app

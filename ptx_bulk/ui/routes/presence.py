"""The page says that it is open, or that it is left."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ptx_bulk.ui.routes.common import state
from ptx_bulk.ui.web.forms import form, one

_LONGEST = 64


async def here(request: Request) -> Response:
    """It is open."""
    state(request).presence.here(one(await form(request), "page")[:_LONGEST])
    return Response(status_code=204)


async def gone(request: Request) -> Response:
    """It was left."""
    state(request).presence.gone(one(await form(request), "page")[:_LONGEST])
    return Response(status_code=204)


ROUTES = [
    Route("/page/here", here, methods=["POST"]),
    Route("/page/gone", gone, methods=["POST"]),
]

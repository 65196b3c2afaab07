"""The accounts of the configuration file: which one the page works for."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ptx_bulk import pipeline
from ptx_bulk.ui.routes.common import show, state, to
from ptx_bulk.ui.web.forms import form, one


async def accounts(request: Request) -> Response:
    """All of them."""
    found = await run_in_threadpool(pipeline.profiles)
    return show(request, "accounts.html", profiles=found.profiles, tested=False, chosen=state(request).settings.profile)


async def test(request: Request) -> Response:
    """Call each with its own key."""
    await form(request)
    found = await run_in_threadpool(lambda: pipeline.profiles(test=True))
    return show(request, "accounts.html", profiles=found.profiles, tested=True, chosen=state(request).settings.profile)


async def choose(request: Request) -> Response:
    """Work for this one from now on."""
    page, name = state(request), one(await form(request), "profile")
    page.choose(await run_in_threadpool(pipeline.profile_settings, name, sandbox=page.settings.sandbox))
    return to(request, "")


ROUTES = [
    Route("/accounts", accounts),
    Route("/accounts/test", test, methods=["POST"]),
    Route("/accounts/choose", choose, methods=["POST"]),
]

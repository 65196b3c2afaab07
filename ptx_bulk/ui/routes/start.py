"""The first page: the key, the language, the file."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ptx_bulk import i18n, pipeline
from ptx_bulk.errors import ConfigurationError, PtxError
from ptx_bulk.i18n import _
from ptx_bulk.settings import Secret, store_key
from ptx_bulk.ui.routes.common import show, state, to
from ptx_bulk.ui.web.forms import form, one


async def start(request: Request) -> Response:
    """Choose a file; or give the key first."""
    page = state(request)
    if not await run_in_threadpool(page.has_key):
        return show(request, "key.html", problem="")
    stopped = await run_in_threadpool(_stopped, request)
    return show(request, "start.html", open=page.works.open, stopped=stopped)


def _stopped(request: Request) -> list[object]:
    """Runs that were interrupted, for instance when this page was ended in the middle."""
    try:
        return [run for run in pipeline.runs(state(request).settings)[:10] if run.state.value == "stopped"]
    except PtxError:  # the page of runs says what it is
        return []


async def contacts(request: Request) -> Response:
    """Choose a file of contacts to scrub."""
    return show(request, "scrub.html")


async def key(request: Request) -> Response:
    """The key's page."""
    return show(request, "key.html", problem="")


async def give_key(request: Request) -> Response:
    """Try the key and keep it in the keyring; it is never sent back."""
    page = state(request)
    given = Secret(one(await form(request), "key"), source=_("the page"))
    try:
        await run_in_threadpool(_keep, request, given)
    except PtxError as error:
        return show(request, "key.html", 400, problem=str(error))
    page.keyed = False
    return to(request, "")


def _keep(request: Request, given: Secret) -> None:
    settings = state(request).settings
    if settings.sandbox:
        raise ConfigurationError(_("The sandbox needs no key."))
    pipeline.check_key(settings, given)
    store_key(settings, given)


async def language(request: Request) -> Response:
    """Speak another language from now on."""
    wanted = one(await form(request), "language")
    if wanted in i18n.LANGUAGES:
        i18n.use(wanted)
    back = urlsplit(request.headers.get("referer", "")).path
    folder = state(request).folder
    return RedirectResponse(back if back.startswith(f"{folder}/") else f"{folder}/", status_code=303)


ROUTES = [
    Route("/", start),
    Route("/scrub", contacts),
    Route("/key", key),
    Route("/key", give_key, methods=["POST"]),
    Route("/language", language, methods=["POST"]),
]

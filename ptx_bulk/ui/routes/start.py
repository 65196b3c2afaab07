"""The first page: the key, the language, the file."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from ptx_bulk import i18n, pipeline, reports
from ptx_bulk.errors import ConfigurationError, PtxError
from ptx_bulk.i18n import _
from ptx_bulk.reports.names import fit
from ptx_bulk.settings import Secret, store_key
from ptx_bulk.ui.routes.common import show, state, to
from ptx_bulk.ui.web.forms import form, one, store
from ptx_bulk.ui.works.file_work import FileWork
from ptx_bulk.ui.works.work import Phase

_LONGEST_NAME = 120


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


async def upload(request: Request) -> Response:
    """Take one file in: its bytes are the body, its name stands in the address."""
    page = state(request)
    name = _name(request.query_params.get("name", ""))
    work = page.works.get(request.query_params.get("work", ""))
    if not isinstance(work, FileWork) or work.phase is not Phase.NEW:
        work = page.works.new(lambda work_id, folder: FileWork(work_id, folder, page.settings))
    try:
        path = reports.free(work.folder / name)
        await store(request, path)
    except (PtxError, OSError) as error:
        sentence = str(error) if isinstance(error, PtxError) else _not_kept(error)
        if not work.files:
            page.works.drop(work)
        return JSONResponse({"problem": sentence}, status_code=400)
    work.add(path)
    return JSONResponse({"work": work.work_id, "location": f"{page.folder}/works/{work.work_id}"})


def _not_kept(error: OSError) -> str:
    return _("The file could not be kept ({reason}); free some space and try again.").format(reason=error.strerror)


def _name(given: str) -> str:
    """The file's name as it can stand in any folder: no way out of it, nothing that cannot be seen."""
    path = Path(given.replace("\\", "/"))
    stem, ending = fit(path.stem) or "file", fit(path.suffix)
    return stem[: _LONGEST_NAME - len(ending)] + ending[:20]


ROUTES = [
    Route("/", start),
    Route("/key", key),
    Route("/key", give_key, methods=["POST"]),
    Route("/language", language, methods=["POST"]),
    Route("/upload", upload, methods=["POST"]),
]

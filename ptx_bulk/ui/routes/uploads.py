"""Files that are dropped: taken in one by one, then read as what they are for."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ptx_bulk import reports
from ptx_bulk.errors import PtxError
from ptx_bulk.i18n import _
from ptx_bulk.model import ListKind, Mode
from ptx_bulk.pipeline.requests import FROM_FILES
from ptx_bulk.reports.names import fit
from ptx_bulk.ui.routes.common import WrongAccount, new_work, state, to, work_of
from ptx_bulk.ui.web.forms import form, one, store
from ptx_bulk.ui.works.audit_work import AuditWork
from ptx_bulk.ui.works.file_work import FileWork
from ptx_bulk.ui.works.reading_work import ReadingWork
from ptx_bulk.ui.works.scrub_work import ScrubWork
from ptx_bulk.ui.works.work import Phase

_LONGEST_NAME = 120
_KINDS: dict[str, type[ReadingWork]] = {kind.kind: kind for kind in (FileWork, ScrubWork, AuditWork)}
_LISTS = {kind.value: kind for kind in ListKind}
_MODES = {mode.value: mode for mode in FROM_FILES}


async def upload(request: Request) -> Response:
    """Take one file in: its bytes are the body, its name stands in the address."""
    page = state(request)
    name = _name(request.query_params.get("name", ""))
    try:
        work = _work(request)
    except WrongAccount as error:
        return JSONResponse({"problem": str(error)}, status_code=409)
    try:
        path = reports.free(work.folder / name)
        await store(request, path)
    except (PtxError, OSError, ClientDisconnect) as error:
        if work.empty:
            page.works.drop(work)
        return JSONResponse({"problem": _why(error)}, status_code=400)
    work.add(path, request.query_params.get("role", ""))
    return JSONResponse({"work": work.work_id, "location": f"{page.folder}/works/{work.work_id}"})


def _work(request: Request) -> ReadingWork:
    """The work that the file is another one of, else a new one of the kind that the page is for."""
    found = state(request).works.get(request.query_params.get("work", ""))
    if isinstance(found, ReadingWork) and found.phase is Phase.NEW:
        return found
    make = _KINDS.get(request.query_params.get("kind", ""), FileWork)
    return new_work(request, request.query_params.get("account", ""), make)


def _why(error: Exception) -> str:
    if isinstance(error, OSError):
        sentence = _("The file could not be kept ({reason}); free some space and try again.")
        return sentence.format(reason=error.strerror)
    return str(error)


def _name(given: str) -> str:
    """The file's name as it can stand in any folder: no way out of it, nothing that cannot be seen."""
    path = Path(given.replace("\\", "/"))
    stem, ending = fit(path.stem) or "file", fit(path.suffix)
    return stem[: _LONGEST_NAME - len(ending)] + ending[:20]


async def begin(request: Request) -> Response:
    """All files are there: see what they mean."""
    work = work_of(request, ReadingWork)
    values = await form(request)
    if work.phase is Phase.NEW and work.files:
        wanted = _LISTS.get(one(values, "list"))
        if isinstance(work, ScrubWork):
            work.lists = (wanted,) if wanted else tuple(ListKind)
            work.drop_numberless = one(values, "drop_numberless") == "yes"
        else:
            work.choices.mode = _MODES.get(one(values, "mode"), Mode.IMPORT)
            work.choices.list = wanted
        work.read()
    return to(request, "works", work.work_id)


ROUTES = [
    Route("/upload", upload, methods=["POST"]),
    Route("/works/{work}/begin", begin, methods=["POST"]),
]

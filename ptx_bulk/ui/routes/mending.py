"""Rows that could not be read, mended in the page and sent on as a next run."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ptx_bulk.i18n import _
from ptx_bulk.model import ListKind
from ptx_bulk.ui.routes.common import Page, show, state, to, work_of
from ptx_bulk.ui.web.forms import form, one
from ptx_bulk.ui.works.file_work import FileWork
from ptx_bulk.ui.works.mending import PAGE, Mending
from ptx_bulk.ui.works.reading_work import ReadingWork
from ptx_bulk.ui.works.scrub_work import ScrubWork
from ptx_bulk.ui.works.work import Phase, Work


def _mending(work: Work) -> Mending:
    found = work.mending if isinstance(work, FileWork | ScrubWork) else None
    if found is None or work.phase is not Phase.DONE:
        raise HTTPException(404)
    return found


async def mending(request: Request) -> Response:
    """The rejects, a page at a time."""
    work = work_of(request, ReadingWork)
    found, number = _mending(work), _page(request.query_params.get("page", "1"))
    number = min(number, found.pages)
    return show(request, "mend.html", work=work, mending=found, number=number, cells=found.page(number), size=PAGE)


async def mend(request: Request) -> Response:
    """Keep what was typed; take suggestions; go on with the mended rows as a next run."""
    work = work_of(request, ReadingWork)
    found, values = _mending(work), await form(request)
    for name, (value, *_more) in values.items():
        if name.startswith("v.") and name[2:].isascii() and name[2:].isdigit():
            found.type(int(name[2:]), value)
    act = one(values, "act")
    if act == "all":
        found.accept_all()
    if act in set(ListKind):
        found.choose_list(ListKind(act))
    if act == "send" and found.values:
        following = await run_in_threadpool(_next, state(request), work, found)
        return to(request, "works", following.work_id)
    number = _page(one(values, "to") if act == "turn" else one(values, "page", "1"))
    address = f"{state(request).folder}/works/{work.work_id}/mend?page={min(number, found.pages)}"
    return RedirectResponse(address, status_code=303)


def _next(page: Page, work: ReadingWork, found: Mending) -> ReadingWork:
    """The next run: the mended rows, on the same way as any file."""
    following = page.works.new(work.following)
    following.take(found.source(following.folder), _("mended rows of {files}").format(files=work.title))
    following.read_and_go()
    return following


def _page(text: str) -> int:
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 7 else 1


ROUTES = [
    Route("/works/{work}/mend", mending),
    Route("/works/{work}/mend", mend, methods=["POST"]),
]

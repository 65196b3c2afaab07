"""The history: runs, one run, going on with it, taking it back."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ptx_bulk import pipeline
from ptx_bulk.i18n import _
from ptx_bulk.ui.routes.common import new_work, show, state, to, work_of
from ptx_bulk.ui.web.forms import form, one
from ptx_bulk.ui.works.run_work import RunWork
from ptx_bulk.ui.works.work import Work, bare

_MOST = 200


async def runs(request: Request) -> Response:
    """The runs of the account, the latest first."""
    found = await run_in_threadpool(pipeline.runs, state(request).settings)
    return show(request, "runs.html", runs=found[:_MOST], more=max(len(found) - _MOST, 0))


async def run(request: Request) -> Response:
    """One run: what was asked, and what came of it."""
    shown = await run_in_threadpool(pipeline.show, request.path_params["run"], state(request).settings)
    works = state(request).works.home
    return show(request, "run.html", shown=shown, record=shown.record, bare=lambda path: bare(path, works))


async def resume(request: Request) -> Response:
    """Go on with it."""
    work = await _work(request, _("Going on with run {run_id}"))
    work.resume()
    return to(request, "works", work.work_id)


async def undo(request: Request) -> Response:
    """See what taking it back would change; that is confirmed on its own page."""
    work = await _work(request, _("Taking back run {run_id}"))
    work.foresee_undo()
    return to(request, "works", work.work_id)


async def _work(request: Request, title: str) -> RunWork:
    """The work on a run of the chosen account, or on that of another piece of work and its account."""
    values = await form(request)
    if "work" in request.path_params:
        before = work_of(request, Work)
        if before.result is None:
            raise HTTPException(404)
        settings, run_id = before.settings, before.result.summary.run_id
        return state(request).works.new(
            lambda work_id, folder: RunWork(work_id, folder, settings, title.format(run_id=run_id), run_id)
        )
    shown = await run_in_threadpool(pipeline.show, request.path_params["run"], state(request).settings)
    run_id = shown.record.run_id
    return new_work(
        request,
        one(values, "account"),
        lambda work_id, folder, settings: RunWork(work_id, folder, settings, title.format(run_id=run_id), run_id),
    )


ROUTES = [
    Route("/runs", runs),
    Route("/runs/{run}", run),
    Route("/runs/{run}/resume", resume, methods=["POST"]),
    Route("/runs/{run}/undo", undo, methods=["POST"]),
    Route("/works/{work}/resume", resume, methods=["POST"]),
    Route("/works/{work}/undo", undo, methods=["POST"]),
]

"""A piece of work: its page, its news, what the person says to it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.routing import Route

from ptx_bulk import i18n
from ptx_bulk.plan import Safeguards
from ptx_bulk.ui.routes import showing
from ptx_bulk.ui.routes.common import Page, show, state, to, work_of
from ptx_bulk.ui.web.forms import form, one
from ptx_bulk.ui.works.asking import most_removals
from ptx_bulk.ui.works.audit_work import AuditWork
from ptx_bulk.ui.works.file_work import FileWork
from ptx_bulk.ui.works.find_work import FindWork
from ptx_bulk.ui.works.reading_work import ReadingWork
from ptx_bulk.ui.works.run_work import RunWork
from ptx_bulk.ui.works.scrub_work import ScrubWork
from ptx_bulk.ui.works.work import Phase, Work

_LOOK_S = 0.25
_SIGN_S = 15.0  # a connection on which nothing comes is taken for dead


async def page(request: Request) -> Response:
    """What the work waits for."""
    work = work_of(request, Work)
    values = await run_in_threadpool(_shown, work)
    keyless = work.phase is Phase.FAILED and not await run_in_threadpool(state(request).has_key)
    return show(request, "work.html", keyless=keyless, **values)


def _shown(work: Work) -> dict[str, Any]:
    """What is shown of the work; counting a million lines takes a moment, so it is done once a state and language."""
    state_of = (work.version, i18n.language())
    if work.view is None or work.view[0] != state_of:
        work.view = (state_of, _made(work))
    return work.view[1]


def _made(work: Work) -> dict[str, Any]:
    version = work.version  # taken first: what changes while the page is made is shown again
    values: dict[str, Any] = {"work": work, "version": version, "phase": work.phase.value, "face": work.face}
    if isinstance(work, ReadingWork) and work.phase in (Phase.NEW, Phase.READ, Phase.ASKING):
        values["sheets"] = showing.sheets(work)
        values["settings"] = showing.reading_settings(work)
    if isinstance(work, FileWork | RunWork) and work.phase is Phase.PLANNED:
        values |= showing.plan(work)
    if work.phase is Phase.DONE and work.result is not None:
        values |= showing.result(work)
    if isinstance(work, AuditWork) and work.phase is Phase.DONE:
        values["faults"] = showing.faults(work)
    if isinstance(work, ScrubWork) and work.phase is Phase.DONE:
        values |= showing.scrubbed(work)
    if isinstance(work, FindWork) and work.phase is Phase.DONE:
        values["numbers"] = showing.found(work)
    return values


async def events(request: Request) -> Response:
    """News of the work, as they come: `progress` while it is busy, `changed` when another page is to be shown."""
    work = work_of(request, Work)
    seen = (request.query_params.get("face", ""), _number(request.query_params.get("version", ""), -1))
    return StreamingResponse(_news(state(request), work, seen), media_type="text/event-stream")


async def _news(page: Page, work: Work, seen: tuple[str, int]) -> AsyncIterator[str]:
    told, quiet = "", 0.0
    while not page.ending:
        face, phase, version = work.face, work.phase, work.version
        if face != seen[0] or (phase is not Phase.BUSY and version != seen[1]):
            yield "event: changed\ndata: -\n\n"
            return
        said = json.dumps(showing.progress(work))
        if said != told:
            yield f"event: progress\ndata: {said}\n\n"
            told, quiet = said, 0.0
        await asyncio.sleep(_LOOK_S)
        quiet += _LOOK_S
        if quiet >= _SIGN_S:
            yield ": still here\n\n"
            quiet = 0.0


async def answer(request: Request) -> Response:
    """Answer what the work asks."""
    work = work_of(request, Work)
    values = await form(request)
    asked = work.asked
    value: object = None
    if asked is not None and one(values, "act") != "none":
        value = _value(values, asked.kind, len(asked.question.candidates) if asked.question else 0)
    work.answer(_number(one(values, "version"), -1), value)
    return to(request, "works", work.work_id)


def _value(values: dict[str, list[str]], kind: str, candidates: int) -> object:
    if kind == "choose":
        place = _number(one(values, "choice"), -1)
        return place if 0 <= place < candidates else None
    return one(values, "password") if kind == "password" else one(values, "act") == "yes"


async def stop(request: Request) -> Response:
    """Stop it: what is sent is sent, the rest can be gone on with."""
    work = work_of(request, Work)
    work.stop()
    return to(request, "works", work.work_id)


async def drop(request: Request) -> Response:
    """Put it aside; nothing of it was sent, or all of it is in the journal."""
    work = work_of(request, Work)
    if not work.busy:
        state(request).works.drop(work)
    return to(request, "")


async def send(request: Request) -> Response:
    """Carry out what was shown, with what the person allows."""
    work = work_of(request, Work)
    values = await form(request)
    if not isinstance(work, FileWork | RunWork):
        raise HTTPException(404)
    # A second press, or another tab, changes nothing.
    if work.phase is Phase.PLANNED and _number(one(values, "version"), -1) == work.version:
        work.send(
            Safeguards(
                max_removals=most_removals(work.settings, one(values, "max_removals")),
                allow_stop_removal=one(values, "allow_stop_removal") == "yes",
                reason=one(values, "reason").strip(),
            )
        )
    return to(request, "works", work.work_id)


async def download(request: Request) -> Response:
    """A file that the work made; no other can be named."""
    work = work_of(request, Work)
    path = work.downloads.get(request.path_params["name"])
    if path is None or path.is_symlink() or not path.is_file():  # it was none when it was made
        raise HTTPException(404)
    return FileResponse(path, filename=path.name, media_type="application/octet-stream")


def _number(text: str, default: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else default


ROUTES = [
    Route("/works/{work}", page),
    Route("/works/{work}/events", events),
    Route("/works/{work}/answer", answer, methods=["POST"]),
    Route("/works/{work}/stop", stop, methods=["POST"]),
    Route("/works/{work}/drop", drop, methods=["POST"]),
    Route("/works/{work}/send", send, methods=["POST"]),
    Route("/works/{work}/files/{name}", download),
]

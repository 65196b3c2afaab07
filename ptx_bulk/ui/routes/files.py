"""The way of files: how they are read, the plan, the mending."""

from __future__ import annotations

from dataclasses import replace

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ptx_bulk.i18n import _
from ptx_bulk.model import Accept, ListKind, Mode
from ptx_bulk.numbers import region_or_none
from ptx_bulk.pipeline.requests import FROM_FILES
from ptx_bulk.ui.routes.common import Page, show, state, to, work_of
from ptx_bulk.ui.web.forms import form, one
from ptx_bulk.ui.works.choices import ROLES, Choices, Place, own_options
from ptx_bulk.ui.works.file_work import FileWork
from ptx_bulk.ui.works.mending import PAGE, Mending
from ptx_bulk.ui.works.work import Phase

_LISTS = {kind.value: kind for kind in ListKind}
_ACCEPT = {accept.value: accept for accept in Accept}
_MODES = {mode.value: mode for mode in FROM_FILES}


async def begin(request: Request) -> Response:
    """All files are there: see what they mean."""
    work = work_of(request, FileWork)
    values = await form(request)
    if work.phase is Phase.NEW and work.files:
        work.choices.mode = _MODES.get(one(values, "mode"), Mode.IMPORT)
        work.choices.list = _LISTS.get(one(values, "list"))
        work.read()
    return to(request, "works", work.work_id)


async def reading(request: Request) -> Response:
    """Read the files again as the person says; or go on to the plan, where nothing else is said than what was read."""
    work = work_of(request, FileWork)
    values = await form(request)
    if work.phase is Phase.READ:
        before, work.choices = work.choices, _choices(work, values)
        # What a form says and its reader has not seen the meaning of is shown first, whichever button was pressed.
        same = work.choices == replace(before, mode=work.choices.mode)
        if same and one(values, "act") == "plan" and work.readings:
            work.make_plan()
        else:
            work.read()
    return to(request, "works", work.work_id)


def _choices(work: FileWork, values: dict[str, list[str]]) -> Choices:
    """What the form says of the files."""
    said, region = set(values.get("sheet", ())), one(values, "region").strip()
    # Boxes that stand as they were found say nothing.
    as_read = said == {sheet.sheet for sheet in work.readings} or not said
    before = work.choices
    choices = Choices(
        mode=_MODES.get(one(values, "mode"), before.mode),
        list=_LISTS.get(one(values, "list")) if "list" in values else before.list,
        accept=_ACCEPT.get(one(values, "accept"), before.accept),
        region=(region_or_none(region) if region else None) if "region" in values else before.region,
        sheets=before.sheets if as_read else tuple(values["sheet"]),
        own=dict(before.own),
    )
    for number, place in enumerate(work.previews):
        if own := _own(work, number, place, values, choices):
            choices.own[place] = {**choices.own.get(place, {}), **own}
    return choices


def _own(
    work: FileWork, number: int, place: Place, values: dict[str, list[str]], choices: Choices
) -> dict[str, object]:
    """What is said of one sheet; nothing where its form was not sent."""
    roles = {
        column: one(values, f"role.{number}.{column}")
        for column in work.previews[place].columns
        if one(values, f"role.{number}.{column}", "-") in ROLES
    }
    if not roles:
        return {}
    found = next((one for one in work.readings if (one.file, one.sheet) == place), None)
    header = one(values, f"header.{number}").strip()
    row = int(header) if header.isascii() and header.isdigit() and len(header) < 7 else None
    return own_options(found, roles, row, choices.list)


async def again(request: Request) -> Response:
    """Back from the plan to what the file means."""
    work = work_of(request, FileWork)
    if work.phase in (Phase.PLANNED, Phase.FAILED) and work.files and work.result is None:
        if one(await form(request), "act") == "plan":
            work.make_plan()
        else:
            work.read()
    return to(request, "works", work.work_id)


def _mending(work: FileWork) -> Mending:
    if work.mending is None or work.phase is not Phase.DONE:
        raise HTTPException(404)
    return work.mending


async def mending(request: Request) -> Response:
    """The rejects, a page at a time."""
    work = work_of(request, FileWork)
    found, number = _mending(work), _page(request.query_params.get("page", "1"))
    number = min(number, found.pages)
    return show(request, "mend.html", work=work, mending=found, number=number, cells=found.page(number), size=PAGE)


async def mend(request: Request) -> Response:
    """Keep what was typed; take suggestions; go on with the mended rows as a next run."""
    work = work_of(request, FileWork)
    found, values = _mending(work), await form(request)
    for name, (value, *_more) in values.items():
        if name.startswith("v.") and name[2:].isascii() and name[2:].isdigit():
            found.type(int(name[2:]), value)
    act = one(values, "act")
    if act == "all":
        found.accept_all()
    if act == "send" and found.values:
        following = await run_in_threadpool(_next, state(request), work, found)
        return to(request, "works", following.work_id)
    number = _page(one(values, "to") if act == "turn" else one(values, "page", "1"))
    address = f"{state(request).folder}/works/{work.work_id}/mend?page={min(number, found.pages)}"
    return RedirectResponse(address, status_code=303)


def _next(page: Page, work: FileWork, found: Mending) -> FileWork:
    """The next run: the mended rows, on the same way as any file."""
    choices = Choices(mode=work.next_mode, accept=work.choices.accept)
    following = page.works.new(lambda work_id, folder: FileWork(work_id, folder, page.settings, choices))
    title = _("mended rows of {files}").format(files=work.title)
    following.take(found.source(following.folder), title)
    following.read_and_plan()
    return following


def _page(text: str) -> int:
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 7 else 1


ROUTES = [
    Route("/works/{work}/begin", begin, methods=["POST"]),
    Route("/works/{work}/reading", reading, methods=["POST"]),
    Route("/works/{work}/again", again, methods=["POST"]),
    Route("/works/{work}/mend", mending),
    Route("/works/{work}/mend", mend, methods=["POST"]),
]

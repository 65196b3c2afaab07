"""The way of files: what they mean, as the person says it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ptx_bulk.model import Accept, ListKind
from ptx_bulk.pipeline.requests import FROM_FILES
from ptx_bulk.ui.routes.common import to, work_of
from ptx_bulk.ui.web.forms import form, one
from ptx_bulk.ui.works.choices import DELIMITERS, ENCODINGS, ROLES, Choices, Place, own_options
from ptx_bulk.ui.works.reading_work import ReadingWork
from ptx_bulk.ui.works.work import Phase
from ptx_bulk.workbooks import preset_names

_LISTS = {kind.value: kind for kind in ListKind}
_ACCEPT = {accept.value: accept for accept in Accept}
_MODES = {mode.value: mode for mode in FROM_FILES}


async def reading(request: Request) -> Response:
    """Read the files again as the person says; or go on to the plan, where nothing else is said than what was read."""
    work = work_of(request, ReadingWork)
    values = await form(request)
    if work.phase is Phase.READ:
        before, work.choices = work.choices, _choices(work, values)
        # What a form says and its reader has not seen the meaning of is shown first, whichever button was pressed.
        same = work.choices == replace(before, mode=work.choices.mode)
        if same and one(values, "act") == "plan" and work.readings:
            work.go()
        else:
            work.read()
    return to(request, "works", work.work_id)


def _choices(work: ReadingWork, values: dict[str, list[str]]) -> Choices:
    """What the form says of the files."""
    said, region = set(values.get("sheet", ())), one(values, "region").strip()
    # Boxes that stand as they were found say nothing.
    as_read = said == {sheet.sheet for sheet in work.readings} or not said
    before = work.choices
    choices = Choices(
        mode=_MODES.get(one(values, "mode"), before.mode),
        list=_LISTS.get(one(values, "list")) if "list" in values else before.list,
        accept=_ACCEPT.get(one(values, "accept"), before.accept),
        region=(region or None) if "region" in values else before.region,
        sheets=before.sheets if as_read else tuple(values["sheet"]),
        preset=_said(values, "preset", before.preset, preset_names()),
        where=_where(values) if "where.column" in values else before.where,
        encoding=_said(values, "encoding", before.encoding, ENCODINGS),
        delimiter=_said(values, "delimiter", before.delimiter, DELIMITERS),
        hidden_rows=one(values, "hidden_rows") != "skip" if "hidden_rows" in values else before.hidden_rows,
        own=dict(before.own),
    )
    for number, place in enumerate(work.previews):
        if own := _own(work, number, place, values, choices):
            choices.own[place] = {**choices.own.get(place, {}), **own}
    return choices


def _said(values: dict[str, list[str]], name: str, before: str, known: Iterable[str]) -> str:
    """What was chosen of these, '' for what is found; what was chosen before where the form does not ask."""
    given = one(values, name, before)
    return given if given in known else ""


def _where(values: dict[str, list[str]]) -> tuple[str, ...]:
    """The row filters as `--where` takes them; those without a column are none."""
    filters = zip(values["where.column"], values.get("where.sign", ()), values.get("where.value", ()), strict=False)
    return tuple(
        f"{column.strip()}{'!=' if sign == 'not' else '='}{value}" for column, sign, value in filters if column.strip()
    )


def _own(
    work: ReadingWork, number: int, place: Place, values: dict[str, list[str]], choices: Choices
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
    work = work_of(request, ReadingWork)
    if work.phase in (Phase.PLANNED, Phase.FAILED) and work.files and work.result is None:
        if one(await form(request), "act") == "plan":
            work.go()
        else:
            work.read()
    return to(request, "works", work.work_id)


ROUTES = [
    Route("/works/{work}/reading", reading, methods=["POST"]),
    Route("/works/{work}/again", again, methods=["POST"]),
]

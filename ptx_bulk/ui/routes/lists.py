"""The lists as they are: sizes and growth, export, audit and its mending."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ptx_bulk import pipeline, reports
from ptx_bulk.arguments import DIALECT_NAMES
from ptx_bulk.i18n import _
from ptx_bulk.journal import SnapshotRecord
from ptx_bulk.model import Accept, ListKind, Mode
from ptx_bulk.numbers import STYLES
from ptx_bulk.pipeline import Fault, Source
from ptx_bulk.ui.routes.common import show, state, to, work_of
from ptx_bulk.ui.web.forms import form, one
from ptx_bulk.ui.web.plots import growth
from ptx_bulk.ui.works.choices import Choices
from ptx_bulk.ui.works.file_work import FileWork
from ptx_bulk.ui.works.list_work import ENDINGS, AuditWork, ExportWork
from ptx_bulk.workbooks import ReadOptions


async def lists(request: Request) -> Response:
    """Both lists by their snapshots."""
    shots = await run_in_threadpool(_snapshots, request)
    found = [
        {"name": kind.name, "kind": kind.value, "plot": growth(shots[kind]), "shots": shots[kind][:20]}
        for kind in ListKind
    ]
    return show(request, "lists.html", lists=found, styles=STYLES, endings=ENDINGS, dialects=DIALECT_NAMES)


def _snapshots(request: Request) -> dict[ListKind, list[SnapshotRecord]]:
    with pipeline.opened(state(request).settings) as account:
        return {kind: account.journal.snapshots(account.name, kind) for kind in ListKind}


async def export(request: Request) -> Response:
    """Write lists to a file."""
    values, page = await form(request), state(request)
    wanted = one(values, "list")
    chosen = tuple(kind for kind in ListKind if wanted in (kind.value, "both")) or tuple(ListKind)
    work = page.works.new(lambda work_id, folder: ExportWork(work_id, folder, page.settings, _("Export")))
    work.export(
        chosen,
        _among(one(values, "style"), STYLES),
        _among(one(values, "dialect"), DIALECT_NAMES),
        _among(one(values, "ending"), ENDINGS),
    )
    return to(request, "works", work.work_id)


def _among(given: str, known: Iterable[str]) -> str:
    """The value if it is one of these, else the first of them."""
    names = list(known)
    return given if given in names else names[0]


async def audit(request: Request) -> Response:
    """Look for the lists' own faults."""
    page = state(request)
    work = page.works.new(lambda work_id, folder: AuditWork(work_id, folder, page.settings, _("Audit of the lists")))
    work.look()
    return to(request, "works", work.work_id)


async def add_suggestions(request: Request) -> Response:
    """The suggestions of a fault as an import, on the way of every file."""
    work, page = work_of(request, AuditWork), state(request)
    fault = one(await form(request), "fault")
    if work.audit is None or fault not in set(Fault):
        return to(request, "works", work.work_id)
    choices = Choices(mode=Mode.IMPORT, accept=Accept.ANY)
    following = page.works.new(lambda work_id, folder: FileWork(work_id, folder, page.settings, choices))
    lines = work.of_fault(fault)
    lines = lines[(lines["suggestion"] != "").to_numpy()]
    path = following.folder / f"{fault.lower()}.csv"
    with reports.new_file(path) as stream:
        stream.write(_csv(lines["suggestion"].tolist(), lines["list"].tolist()).encode())
    reading = ReadOptions(columns=("suggestion",), list_column="list", delimiter=",", encoding="utf-8")
    following.take(Source(files=(str(path),), reading=reading, accept=Accept.ANY), fault)
    following.read_and_plan()
    return to(request, "works", following.work_id)


def _csv(suggestions: list[str], lists_: list[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([("suggestion", "list"), *zip(suggestions, lists_, strict=True)])
    return text.getvalue()


ROUTES = [
    Route("/lists", lists),
    Route("/lists/export", export, methods=["POST"]),
    Route("/lists/audit", audit, methods=["POST"]),
    Route("/works/{work}/suggestions", add_suggestions, methods=["POST"]),
]

"""The lists as they are: sizes and growth, export, changes, audit and its mending."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ptx_bulk import pipeline, reports
from ptx_bulk.arguments import DIALECT_NAMES
from ptx_bulk.i18n import _
from ptx_bulk.journal import SnapshotRecord
from ptx_bulk.model import Accept, ListKind
from ptx_bulk.numbers import STYLES
from ptx_bulk.pipeline import Fault
from ptx_bulk.ui.routes.common import Page, new_work, show, state, to, work_of
from ptx_bulk.ui.web.forms import form, one
from ptx_bulk.ui.web.plots import growth
from ptx_bulk.ui.works.audit_work import AuditWork
from ptx_bulk.ui.works.choices import Choices
from ptx_bulk.ui.works.file_work import FileWork
from ptx_bulk.ui.works.list_work import ENDINGS, FileKind, ListFileWork

_MOST = 20  # readings to choose from


async def lists(request: Request) -> Response:
    """Both lists by their snapshots."""
    shots = await run_in_threadpool(_snapshots, request)
    found = [
        {"name": kind.name, "kind": kind.value, "plot": growth(shots[kind]), "shots": shots[kind][:_MOST]}
        for kind in ListKind
    ]
    readings = {shot.run_id: shot.taken_at for kind in ListKind for shot in shots[kind]}
    return show(
        request,
        "lists.html",
        lists=found,
        readings=sorted(readings.items(), key=lambda one: -one[1])[:_MOST],
        styles=STYLES,
        endings=ENDINGS,
        dialects=DIALECT_NAMES,
        dialect=state(request).settings.defaults.dialect,
        crms=[(name, reports.crm_columns(name).title) for name in reports.crm_names()],
    )


def _snapshots(request: Request) -> dict[ListKind, list[SnapshotRecord]]:
    with pipeline.opened(state(request).settings) as account:
        return {kind: account.journal.snapshots(account.name, kind) for kind in ListKind}


def _wanted(values: dict[str, list[str]]) -> FileKind:
    """What the file is to be like."""
    asked = one(values, "list")
    return FileKind(
        lists=tuple(kind for kind in ListKind if asked in (kind.value, "both")) or tuple(ListKind),
        style=_among(one(values, "style"), ("", *STYLES)),
        dialect=_among(one(values, "dialect"), DIALECT_NAMES),
        ending=_among(one(values, "ending"), ENDINGS),
        crm=_among(one(values, "crm"), ("", *reports.crm_names())),
        since=one(values, "since_date").strip() or one(values, "since").strip(),
    )


def _among(given: str, known: Iterable[str]) -> str:
    """The value if it is one of these, else the first of them."""
    names = list(known)
    return given if given in names else names[0]


def _file_work(request: Request, values: dict[str, list[str]], title: str) -> ListFileWork:
    return new_work(
        request,
        one(values, "account"),
        lambda work_id, folder, settings: ListFileWork(work_id, folder, settings, title),
    )


async def export(request: Request) -> Response:
    """Write lists to a file."""
    values = await form(request)
    work = _file_work(request, values, _("Export"))
    work.export(_wanted(values))
    return to(request, "works", work.work_id)


async def changes(request: Request) -> Response:
    """Write what came to the lists and left them to a file."""
    values = await form(request)
    work = _file_work(request, values, _("Changes of the lists"))
    work.changes(_wanted(values), offline=one(values, "offline") == "yes")
    return to(request, "works", work.work_id)


async def audit(request: Request) -> Response:
    """Look for the lists' own faults."""
    work = new_work(request, one(await form(request), "account"), AuditWork)
    work.go()
    return to(request, "works", work.work_id)


async def mend_fault(request: Request) -> Response:
    """What mends a fault as a plan, on the way of every file."""
    work, values = work_of(request, AuditWork), await form(request)
    fault, kind, number = one(values, "fault"), one(values, "list"), one(values, "step")
    if work.audit is None or fault not in set(Fault) or kind not in set(ListKind):
        return to(request, "works", work.work_id)
    steps = pipeline.mending_steps(Fault(fault), ListKind(kind), suggested=True)
    at = int(number) if number in map(str, range(len(steps))) else -1
    if at < 0:
        return to(request, "works", work.work_id)
    following = await run_in_threadpool(_mended, state(request), work, (Fault(fault), ListKind(kind), at))
    return to(request, "works", following.work_id)


def _mended(page: Page, work: AuditWork, what: tuple[Fault, ListKind, int]) -> FileWork:
    fault, kind, at = what
    step = pipeline.mending_steps(fault, kind, suggested=True)[at]
    choices = Choices(mode=step.mode, accept=Accept.ANY)
    following = page.works.new(lambda work_id, folder: FileWork(work_id, folder, work.settings, choices))
    following.take(work.source_of(fault, kind, step, following.folder), fault.value)
    following.read_and_go()
    return following


ROUTES = [
    Route("/lists", lists),
    Route("/lists/export", export, methods=["POST"]),
    Route("/lists/changes", changes, methods=["POST"]),
    Route("/lists/audit", audit, methods=["POST"]),
    Route("/works/{work}/faults", mend_fault, methods=["POST"]),
]

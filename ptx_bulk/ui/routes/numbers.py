"""A number: all that is known of it, and the answer to the person who asks."""

from __future__ import annotations

from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ptx_bulk import i18n
from ptx_bulk.i18n import _
from ptx_bulk.settings import Settings
from ptx_bulk.ui.routes.common import new_work, show, to, work_of
from ptx_bulk.ui.web.forms import form, one
from ptx_bulk.ui.works.find_work import FindWork

_MOST = 200  # lines of the field


async def ask(request: Request) -> Response:
    """Which number?"""
    return show(request, "find.html")


def _work(work_id: str, folder: Path, settings: Settings) -> FindWork:
    return FindWork(work_id, folder, settings, _("A number"))


async def find(request: Request) -> Response:
    """Look for it."""
    values = await form(request)
    given = [line.strip() for line in one(values, "numbers").splitlines() if line.strip()][:_MOST]
    work = new_work(
        request,
        one(values, "account"),
        _work,
    )
    work.find(given, one(values, "region"), offline=one(values, "offline") == "yes")
    return to(request, "works", work.work_id)


async def dossier(request: Request) -> Response:
    """Write the answer to the person's request."""
    work, values = work_of(request, FindWork), await form(request)
    language = one(values, "language")
    await run_in_threadpool(
        work.write_dossier,
        language if language in i18n.LANGUAGES else "fr",
        one(values, "controller").strip(),
        one(values, "contact").strip(),
        one(values, "kept_for").strip(),
    )
    return to(request, "works", work.work_id)


ROUTES = [
    Route("/find", ask),
    Route("/find", find, methods=["POST"]),
    Route("/works/{work}/dossier", dossier, methods=["POST"]),
]

"""What all routes share: the page's state, answers, errors as sentences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from ptx_bulk.errors import AccessRefused, ConfigurationError, PtxError
from ptx_bulk.i18n import _
from ptx_bulk.settings import Settings, api_key, profile_names
from ptx_bulk.ui.web.presence import Presence
from ptx_bulk.ui.web.rendering import render
from ptx_bulk.ui.works.registry import Works
from ptx_bulk.ui.works.work import Work, account_label

W = TypeVar("W", bound=Work)


@dataclass
class Page:
    """What the page knows.

    Attributes:
        settings: which account.
        works: its pieces of work.
        presence: whether it is still looked at.
        folder: what every address begins with.
        keyed: whether a key was found, so that the keyring is not asked for each page.
        ending: whether the server is being stopped.
        chosen: how often an account was chosen; pages say which choice they were made for.
    """

    settings: Settings
    works: Works
    presence: Presence
    folder: str
    keyed: bool = False
    ending: bool = False
    chosen: int = 0

    def choose(self, settings: Settings) -> None:
        """Work for this account from now on; what was begun goes on for its own."""
        self.settings, self.keyed = settings, False
        self.chosen += 1

    @property
    def several(self) -> bool:
        """Whether there are profiles to choose from."""
        try:
            return bool(profile_names())
        except ConfigurationError:  # the page of accounts says what is wrong
            return True

    def has_key(self) -> bool:
        """Whether there is a key for the account; the key itself stays where it is."""
        if not self.keyed:
            try:
                api_key(self.settings)
            except ConfigurationError:
                return False
            self.keyed = True
        return True


def state(request: Request) -> Page:
    """The page's state."""
    page: Page = request.app.state.page
    return page


def show(request: Request, template: str, status: int = 200, **values: Any) -> Response:  # noqa: ANN401 - as the template
    """A page."""
    page = state(request)
    text = render(
        template,
        base=page.folder,
        sandbox=page.settings.sandbox,
        account={"label": account_label(page.settings), "number": page.chosen, "several": page.several},
        path=request.url.path.removeprefix(page.folder) or "/",
        **values,
    )
    return HTMLResponse(text, status_code=status)


def to(request: Request, *parts: str) -> Response:
    """Go on to another page, by GET."""
    path = "/".join(quote(part, safe="") for part in parts)
    return RedirectResponse(f"{state(request).folder}/{path}", status_code=303)


def new_work(request: Request, account: str, make: Callable[[str, Path, Settings], W]) -> W:
    """A piece of work for the chosen account, as long as the person saw that one.

    Args:
        request: what asks for it.
        account: which choice of an account the page was made for, as its form says.
        make: makes the work of its name, its folder and the account's settings.

    Raises:
        WrongAccount: another one was chosen meanwhile, in another tab.
    """
    page = state(request)
    settings = page.settings
    if account != str(page.chosen):
        raise WrongAccount(
            _("Another account is chosen now ({account}), and nothing was done. Look at the page again.").format(
                account=account_label(settings)
            )
        )
    return page.works.new(lambda work_id, folder: make(work_id, folder, settings))


class WrongAccount(PtxError):
    """A form was made for another account than the one that is chosen."""

    exit_code = 7


def work_of(request: Request, kind: type[W]) -> W:
    """The piece of work that the address names.

    Raises:
        HTTPException: 404, there is none of that kind.
    """
    work = state(request).works.get(request.path_params["work"])
    if not isinstance(work, kind):
        raise HTTPException(404)
    return work


async def on_error(request: Request, error: Exception) -> Response:
    """An error of ours as a page with its sentence."""
    status = 409 if isinstance(error, PtxError) and error.exit_code == 7 else 400
    key = isinstance(error, AccessRefused)
    return show(request, "error.html", status, sentence=str(error), key=key)


async def on_missing(request: Request, error: Exception) -> Response:
    """An address that there is not."""
    status = error.status_code if isinstance(error, HTTPException) else 404
    sentence = _("There is no such page any more: ptx-bulk was started anew, or the work was put aside.")
    return show(request, "error.html", status, sentence=sentence, key=False)


async def on_crash(request: Request, error: Exception) -> Response:
    """What nobody foresaw: its kind alone, since its text may hold anything."""
    sentence = _("Unexpected error ({kind}); report it with what you did.").format(kind=type(error).__name__)
    return show(request, "error.html", 500, sentence=sentence, key=False)

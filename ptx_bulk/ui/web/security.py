"""Who may ask: this machine's browser alone, by the address that was opened, from our own pages.

Other programs and users of the machine reach the port, other web sites reach it through the browser, and a name that
somebody points at 127.0.0.1 reaches it as well. What stops them:

- The address that is opened holds a token that works once. It is changed for a cookie that scripts cannot read and
  that no other site's page makes the browser send.
- Cookies know no ports: another server on this machine would be sent ours. So every address begins with a secret
  folder, and the cookie is for that folder alone.
- `Host` must be ours, and whatever changes something must come from our `Origin`.
- No page of ours runs a script that is not a file of ours, asks the network for anything, or is shown in a frame.
"""

from __future__ import annotations

import hmac
import secrets
import time
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ptx_bulk.ui.web.rendering import render

COOKIE = "ptx_page"
TOKEN_S = 600.0  # a browser that opens later than that is not the one that was started

_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "cache-control": "no-store",
}
_SAFE = frozenset({"GET", "HEAD"})


class Door:
    """The secrets of one page: the token that opens it once, its folder, its cookie."""

    def __init__(self) -> None:
        self._token: str | None = secrets.token_urlsafe(32)
        self._until = time.monotonic() + TOKEN_S
        self._session = secrets.token_urlsafe(32)
        self.folder = f"/{secrets.token_urlsafe(12)}"
        self.hosts: frozenset[str] = frozenset()

    def address(self, port: int) -> str:
        """What the browser opens, once the port is known."""
        self.hosts = frozenset({f"127.0.0.1:{port}", f"localhost:{port}"})
        return f"http://127.0.0.1:{port}/open?token={self._token}"

    def open(self, token: str) -> str | None:
        """The cookie for the token, which works no second time; None for any other."""
        known, self._token = self._token, self._token
        if known is None or time.monotonic() > self._until or not _same(token, known):
            return None
        self._token = None
        return f"{COOKIE}={self._session}; Path={self.folder}; HttpOnly; SameSite=Strict"

    def knows(self, cookies: str) -> bool:
        """Whether the header holds our cookie."""
        try:
            found = SimpleCookie(cookies).get(COOKIE)
        except CookieError:
            return False
        return found is not None and _same(found.value, self._session)


def _same(given: str, known: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), known.encode())


class Guard:
    """Lets pass what may ask, and puts our headers on every answer."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self._app, self._door = app, door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call."""
        if scope["type"] != "http":
            return
        headers = Headers(scope=scope)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                found = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    found[name] = value
            await send(message)

        refused = self._refused(scope, headers)
        answer = refused if refused is not None else self._opened(scope)
        await (answer or self._app)(scope, receive, with_headers)

    def _refused(self, scope: Scope, headers: Headers) -> Response | None:
        """Why the call is not answered, None where it is."""
        door = self._door
        if headers.get("host", "").lower() not in door.hosts or len(headers.getlist("host")) != 1:
            return _told(421, "host")
        origin = headers.get("origin")
        if scope["method"] not in _SAFE and (origin or "") not in {f"http://{host}" for host in door.hosts}:
            return _told(403, "origin")
        if scope["path"] == "/open":
            return None
        if headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
            return _told(403, "origin")
        inside = scope["path"] == door.folder or scope["path"].startswith(f"{door.folder}/")
        if not inside or not door.knows(headers.get("cookie", "")):
            return _told(403, "cookie")
        return None

    def _opened(self, scope: Scope) -> Response | None:
        """The answer to the address that the browser was started with, None for any other."""
        if scope["path"] != "/open":
            return None
        if scope["method"] != "GET":  # whoever looks at the link before the browser opens it uses nothing up
            return _told(405, "token")
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        cookie = self._door.open(given)
        if cookie is None:
            return _told(403, "token")
        # No redirect: the browser would not send a strict cookie on one that another program has begun.
        page = HTMLResponse(render("opening.html", base=self._door.folder))
        page.headers["set-cookie"] = cookie
        return page


def _told(status: int, why: str) -> Response:
    return HTMLResponse(render("refused.html", base="", why=why), status_code=status)

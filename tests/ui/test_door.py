"""Who may use the page: every way in that is not ours is tried over real HTTP."""

from __future__ import annotations

import re
import socket
import stat
from pathlib import Path

import httpx
import pytest

from tests.ui.visitor import SAMPLES, Visitor

PAGES = ("/", "/key", "/lists", "/runs", "/static/page.js", "/nothing")
FORMS = ("/language", "/upload", "/key", "/lists/audit", "/page/here")


def test_the_address_works_once(address: str):
    """A token that was used opens nothing for the next one who has it."""
    Visitor(address).client.close()
    again = httpx.get(address)
    assert again.status_code == 403
    assert "set-cookie" not in again.headers


@pytest.mark.parametrize("token", ["", "wrong", "é"])
def test_a_guessed_token_opens_nothing(address: str, token: str):
    """Without the token there is no cookie, and the guess does not use the real one up."""
    guess = httpx.get(address.partition("?")[0], params={"token": token})
    assert guess.status_code == 403
    assert "set-cookie" not in guess.headers
    Visitor(address).client.close()


@pytest.mark.parametrize("cookie", [None, "ptx_page=guess", "ptx_page=", "other=1"])
def test_without_the_cookie_nothing_is_shown(guest: Visitor, cookie: str | None):
    """Another program of this machine that knows the whole address gets no page, no script, no news."""
    headers = {} if cookie is None else {"cookie": cookie}
    for path in PAGES:
        answer = httpx.get(guest.origin + guest.folder + path, headers=headers)
        assert answer.status_code == 403, path
        assert guest.folder not in answer.text


def test_the_cookie_is_no_use_outside_its_folder(guest: Visitor):
    """The cookie is hidden from scripts and other sites, and other servers of this machine are never sent it."""
    opened = guest.client.cookies.jar
    [cookie] = list(opened)
    assert cookie.path == guest.folder
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.get_nonstandard_attr("SameSite") == "Strict"
    assert len(guest.folder) > 12


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "127.0.0.1.nip.io:{port}", ""]
)
def test_another_name_for_this_machine_is_refused(guest: Visitor, host: str):
    """A name that somebody points at 127.0.0.1 (DNS rebinding) reaches nothing, cookie or not."""
    port = guest.origin.rpartition(":")[2]
    answer = guest.client.get(f"{guest.folder}/", headers={"host": host.format(port=port)})
    assert answer.status_code in (400, 421)
    assert guest.folder not in answer.text


def test_two_names_are_refused(guest: Visitor):
    """A call with a second Host, of which something on the way may heed the other one, is refused."""
    host, port = "127.0.0.1", int(guest.origin.rpartition(":")[2])
    with socket.create_connection((host, port)) as link:
        link.sendall(f"GET / HTTP/1.1\r\nHost: {host}:{port}\r\nHost: evil.example\r\n\r\n".encode())
        assert link.recv(100).split()[1] in (b"400", b"421")


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:1", "https://127.0.0.1:{port}", None]
)
def test_posts_of_other_pages_are_refused(guest: Visitor, origin: str | None):
    """Whatever changes something comes from our own page, even if the browser were to send the cookie along."""
    port = guest.origin.rpartition(":")[2]
    cookie = "; ".join(f"{one.name}={one.value}" for one in guest.client.cookies.jar)
    headers = {"cookie": cookie} | ({} if origin is None else {"origin": origin.format(port=port)})
    for path in FORMS:
        answer = httpx.post(guest.origin + guest.folder + path, headers=headers, content=b"")
        assert answer.status_code == 403, path


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_other_pages_cannot_fetch(guest: Visitor, site: str):
    """A page elsewhere, on another port of this machine, too, cannot have its browser read ours."""
    answer = guest.client.get(f"{guest.folder}/runs", headers={"sec-fetch-site": site})
    assert answer.status_code == 403


def test_every_answer_says_what_a_page_may_do(guest: Visitor):
    """No answer may run scripts but our files, be framed, be cached or be taken for another kind of file."""
    answers = [guest.client.get(guest.folder + path) for path in PAGES]
    answers += [httpx.get(guest.origin), httpx.get(f"{guest.origin}/open?token=x")]
    answers += [guest.client.post(guest.folder + path) for path in FORMS]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "access-control-allow-origin" not in answer.headers


def test_no_page_holds_a_script_or_style_of_its_own(visitor: Visitor):
    """What the policy would not run is not written either: no inline script, handler or style."""
    work, read = visitor.read("crm-export.csv", (SAMPLES / "crm-export.csv").read_bytes())
    planned = visitor.say(work, "reading", act="plan")
    for text in [read.text, planned.text, *(visitor.get(path).text for path in PAGES if "static" not in path)]:
        assert re.findall(r"<script(?![^>]* src=)|<style|\son\w+=|\sstyle=|javascript:", text) == []


HOSTILE = "<img src=x onerror=alert(1)>\"'&.csv"


@pytest.mark.slow
def test_names_and_cells_are_text(visitor: Visitor):
    """A file name or a cell that is HTML, a formula or a terminal escape is shown as the text that it is."""
    cells = [
        "<script>alert(1)</script>",
        '=HYPERLINK("http://evil.example")',
        "\x1b[31mred",
        "\u202egnp.exe",
        "{{ 12345 * 2 }}",
    ]
    content = "phone;note\n" + "".join(f"0600000{n:03d};{cell}\n{cell};x\n" for n, cell in enumerate(cells))
    work, read = visitor.read(HOSTILE, content)
    pages = [read, visitor.say(work, "reading", act="plan"), visitor.get("/"), visitor.say(work, "send")]
    pages.append(visitor.get(f"/works/{work}/mend"))
    for page in pages:
        assert not re.search(r"<img|<script>|\x1b|\u202e|24690", page.text), page.words
    assert "<script>alert(1)</script>" in pages[-1].words
    assert r"\x1b[31mred" in pages[-1].words


@pytest.mark.parametrize(
    "name", ["../../../outside.csv", "..\\..\\outside.csv", "/etc/outside.csv", ".", "", "a/../..", "con\0.csv"]
)
def test_a_file_stays_in_its_folder(visitor: Visitor, home: Path, name: str):
    """However a file is called, it is kept in the folder of its work, for this user alone."""
    before = set(home.rglob("*"))
    work = visitor.upload(name, b"phone\n0612345678\n")
    new = [path for path in set(home.rglob("*")) - before if path.is_file()]
    assert [path.parent for path in new] == [home / "ui" / work]
    assert stat.S_IMODE(new[0].stat().st_mode) == 0o600
    assert stat.S_IMODE(new[0].parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("name", ["../../journal.sqlite3", "..%2f..%2fjournal.sqlite3", "plan-1.json", "stops.csv"])
def test_only_what_a_work_made_for_people_is_given_out(visitor: Visitor, name: str):
    """No address leads to another file of the state folder: only reports and exports of the work have one."""
    work, _page = visitor.plan("stops.csv", "phone\n0612345678\n")
    assert visitor.client.get(f"{visitor.folder}/works/{work}/files/{name}").status_code in (403, 404)


@pytest.mark.parametrize(("path", "size"), [("/upload?name=a.csv&account=0", 2 << 30), ("/language", 5 << 20)])
def test_what_is_too_long_is_refused_before_it_comes(guest: Visitor, path: str, size: int):
    """A body that is announced as longer than what is taken is refused at once, not read."""
    port = int(guest.origin.rpartition(":")[2])
    cookie = "; ".join(f"{one.name}={one.value}" for one in guest.client.cookies.jar)
    head = f"POST {guest.folder}{path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: {guest.origin}\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=20) as link:
        link.sendall(f"{head}Cookie: {cookie}\r\nContent-Length: {size}\r\n\r\n".encode())
        assert link.recv(100).split()[1] == b"400"


def test_a_form_that_does_not_say_its_length_is_cut(guest: Visitor):
    """A form that comes in pieces is given up once it is longer than any of ours."""

    def pieces():
        for _n in range(6):
            yield b"x" * (1 << 20)

    answer = guest.client.post(f"{guest.folder}/language", content=pieces())
    assert answer.status_code == 400

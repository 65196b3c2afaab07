"""What hostile programs, pages and files may try beyond the door: over real HTTP, or on the real folder."""

from __future__ import annotations

import io
import os
import re
import socket
import stat
import sys
import time
import zipfile
from pathlib import Path

import httpx
import pytest

from ptx_bulk.errors import ConfigurationError
from ptx_bulk.ui.works.registry import Works
from tests.ui.visitor import Visitor

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions and links")


def cookie_of(visitor: Visitor) -> str:
    return "; ".join(f"{one.name}={one.value}" for one in visitor.client.cookies.jar)


def raw(visitor: Visitor, head: str, body: bytes = b"") -> bytes:
    """Send a request as it stands; the first line of the answer."""
    with socket.create_connection(("127.0.0.1", int(visitor.origin.rpartition(":")[2])), timeout=20) as link:
        link.sendall(head.format(cookie=cookie_of(visitor), folder=visitor.folder).encode("latin-1") + body)
        return link.recv(200)


@pytest.mark.parametrize(
    "target", ["http://evil.example{folder}/", "//evil.example{folder}/", "{folder}/../{folder}/", "{folder}//..//"]
)
def test_odd_targets_reach_nothing_of_others(guest: Visitor, target: str):
    """A request line that names another host, or climbs, is answered by a refusal or by our own page alone."""
    answer = raw(guest, f"GET {target} HTTP/1.1\r\nHost: evil.example\r\nCookie: {{cookie}}\r\n\r\n")
    assert answer.split()[1] in (b"400", b"404", b"421")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT"])
def test_no_other_method_gets_through(guest: Visitor, method: str):
    """A method that no page of ours uses changes nothing and tells nothing, with a foreign origin or without."""
    answer = guest.client.request(method, f"{guest.folder}/lists/audit", headers={"origin": "http://evil.example"})
    assert answer.status_code in (400, 403, 404, 405)
    assert "access-control-allow-origin" not in answer.headers
    assert "Not finished" not in guest.get("/").text


def test_a_get_changes_nothing(guest: Visitor):
    """Whatever a link or picture elsewhere points at, opening it begins no work, spends nothing and sends nothing."""
    before = guest.get("/runs").words
    for path in ("/lists/audit", "/lists/export", "/lists/changes", "/upload?name=a.csv&account=0", "/accounts/choose"):
        assert guest.get(path).status == 405, path
    assert guest.get("/runs").words == before
    assert "Not finished" not in guest.get("/").text


def test_the_token_stays_in_no_address(address: str):
    """The address with the token leads on by itself, gives no referrer, and no later page or form holds the token."""
    token = address.partition("token=")[2]
    opened = httpx.get(address)
    assert token not in opened.text
    assert opened.headers["referrer-policy"] == "same-origin"
    assert token not in str(opened.headers)


def test_the_token_is_used_up_by_a_race_too(address: str):
    """Of many programs that call with the token at the same moment one is let in."""
    host, port = "127.0.0.1", int(address.split(":")[2].partition("/")[0])
    path = address[address.index("/open") :]
    links = [socket.create_connection((host, port)) for _n in range(8)]
    for link in links:
        link.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode())
    answers = [b"".join(iter(lambda link=link: link.recv(4096), b"")) for link in links]
    for link in links:
        link.close()
    assert sum(b"set-cookie" in answer.lower() for answer in answers) == 1


def test_a_head_request_uses_no_token_up(address: str):
    """A program that looks at a link before the browser opens it (a scanner, a preview) does not use it up."""
    httpx.head(address)
    Visitor(address).client.close()


def test_nothing_is_logged(visitor: Visitor, capfd: pytest.CaptureFixture[str], home: Path):
    """Neither address, cookie, file name nor number reaches a log, the terminal or a file that others read."""
    visitor.plan("secret-name.csv", "phone\n0612345678\n")
    visitor.get("/nothing")
    visitor.client.get("/open?token=x")
    told = capfd.readouterr()
    assert (told.out, told.err) == ("", "")


def bomb() -> bytes:
    """A workbook whose sheet is a gigabyte of nothing."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for _n in range(256):
                sheet.write(b" " * (1 << 20))
    return made.getvalue()


@pytest.mark.slow
def test_a_zip_bomb_is_refused(visitor: Visitor):
    """A small file that would grow without end is refused by a sentence, and the page goes on."""
    _work, failed = visitor.read("bomb.xlsx", bomb())
    assert failed.phase == "failed"
    assert visitor.get("/").status == 200


def test_a_body_that_never_ends_is_cut(visitor: Visitor, home: Path):
    """A file that comes in pieces without a length ends where the limit is; nothing of it stays on the disk."""
    from ptx_bulk.ui.web import forms

    def pieces():
        for _n in range(40):
            yield b"x" * forms.MIB

    most = forms.MOST_FILE
    try:
        forms.MOST_FILE = 8 * forms.MIB
        answer = visitor.client.post(
            f"{visitor.folder}/upload", params={"name": "a.csv", "account": "0"}, content=pieces()
        )
    finally:
        forms.MOST_FILE = most
    assert answer.status_code == 400
    assert "8 MB" in answer.json()["problem"]
    assert list((home / "ui").iterdir()) == []


@pytest.mark.slow
def test_a_slow_upload_holds_nobody_up(visitor: Visitor):
    """While one browser sends a byte now and then, pages for others come as ever."""
    port = int(visitor.origin.rpartition(":")[2])
    links = []
    for _n in range(20):
        link = socket.create_connection(("127.0.0.1", port))
        link.sendall(
            f"POST {visitor.folder}/upload?name=s.csv&account=0 HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            f"Origin: {visitor.origin}\r\nCookie: {cookie_of(visitor)}\r\nContent-Length: 1000000\r\n\r\nx".encode()
        )
        links.append(link)
    assert visitor.get("/").status == 200
    assert visitor.plan("a.csv", "phone\n0612345678\n")[1].phase == "planned"
    for link in links:
        link.close()


def test_an_upload_that_breaks_off_leaves_nothing(visitor: Visitor, home: Path):
    """A browser that goes in the middle of a file leaves no half of it, and no work with one."""
    port = int(visitor.origin.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as link:
        link.sendall(
            f"POST {visitor.folder}/upload?name=s.csv&account=0 HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            f"Origin: {visitor.origin}\r\nCookie: {cookie_of(visitor)}\r\nContent-Length: 1000000\r\n\r\np".encode()
        )
        until(lambda: "s.csv" in below(home / "ui"))
    until(lambda: not below(home / "ui"))


def below(folder: Path) -> list[str]:
    """The names of all that is in a folder; what goes meanwhile is not there."""
    return [name for _place, folders, files in os.walk(folder) for name in (*folders, *files)]


def until(true) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


@posix
def test_the_folder_is_for_one_user(tmp_path: Path):
    """The folder of the page's files is closed to all other users, even where it was there before, and open."""
    (tmp_path / "ui").mkdir(mode=0o755)
    Works(tmp_path)
    assert stat.S_IMODE((tmp_path / "ui").stat().st_mode) == 0o700


@posix
@pytest.mark.parametrize("what", ["link", "file"])
def test_a_folder_that_is_a_link_is_refused(tmp_path: Path, what: str):
    """A link in the place of the page's folder, which would carry the files elsewhere, is refused by a sentence."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    if what == "link":
        (tmp_path / "ui").symlink_to(elsewhere)
    else:
        (tmp_path / "ui").write_text("x", encoding="utf-8")
    with pytest.raises(ConfigurationError):
        Works(tmp_path)


@posix
def test_links_in_the_folder_are_not_followed(tmp_path: Path):
    """What is cleared away is the link, never what it points at."""
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "kept.txt").write_text("x", encoding="utf-8")
    works = Works(tmp_path)
    (tmp_path / "ui" / "old").symlink_to(precious)
    old = tmp_path / "ui" / "older"
    old.mkdir()
    (old / "inside").symlink_to(precious)
    works.sweep(time.time() + 40 * 86_400)
    assert (precious / "kept.txt").exists()
    assert not old.exists()


@posix
@pytest.mark.slow
def test_a_report_that_became_a_link_is_not_given_out(visitor: Visitor, home: Path):
    """A file that was put in the place of a report after it was written is not what the page hands out."""
    page = visitor.send("a.csv", "phone\n0612345678\n")
    [link] = re.findall(r'href="([^"]+results\.csv)"', page.text)
    [report] = (home / "ui").rglob("*.results.csv")
    secret = home / "secret.txt"
    secret.write_text("secret", encoding="utf-8")
    report.unlink()
    report.symlink_to(secret)
    assert visitor.client.get(link).status_code == 404


HOSTILE = [
    "<img src=x onerror=alert(1)>",
    '"><script>alert(1)</script>',
    "=cmd|' /C calc'!A0",
    "\x1b]0;pwned\x07",
    "\u202egnp.exe",
]


@pytest.mark.slow
def test_headings_and_reasons_are_text(visitor: Visitor):
    """Headings, typed values, reasons and addresses that hold markup or control characters are shown as text."""
    headings = ";".join(f'"{one.replace(chr(34), chr(34) * 2)}"' for one in HOSTILE)
    content = f"mobile;{headings}\n0612345678;{';'.join('x' * len(HOSTILE))}\n06 00;;;;;\n"
    work, read = visitor.read("a.csv", content, kind="stop")
    pages = [read, visitor.say(work, "reading", act="plan", list="stop"), visitor.say(work, "send")]
    visitor.post(f"/works/{work}/mend", act="keep", page="1", **{"v.0": HOSTILE[1]})
    pages += [visitor.get(f"/works/{work}/mend"), visitor.settled(visitor.post("/find", numbers=HOSTILE[0]).work)]
    pages += [visitor.get("/works/" + HOSTILE[1]), visitor.get("/runs/%3Cscript%3Ealert(1)%3C/script%3E")]
    for page in pages:
        assert not re.search(r"<img|<script>|\x1b|\x07|\u202e", page.text), page.words


def test_a_download_cannot_be_run_in_our_name(visitor: Visitor):
    """What is handed out is always saved, never shown: an HTML report cannot act as a page of ours."""
    work = visitor.post("/find", numbers="0612345678", offline="yes").work
    page = visitor.settled(work)
    [link] = re.findall(r'href="([^"]+events\.html)"', page.text)
    answer = visitor.client.get(link)
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "script-src 'self'" in answer.headers["content-security-policy"]


@pytest.mark.slow
def test_work_is_bounded(visitor: Visitor):
    """Pieces of work are not kept without end: however many are begun, the latest dozen is remembered."""
    begun = [visitor.post("/find", numbers="0612345678", offline="yes").work for _n in range(15)]
    for work in begun:
        visitor.settled(work)
    visitor.post("/find", numbers="0612345678", offline="yes")
    assert [visitor.get(f"/works/{work}").status for work in begun].count(200) == 11

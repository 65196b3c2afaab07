"""What stands on the wire, and the ways to the server: headers, spellings, TLS, IPv6, proxies, dead ends."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import string
from collections.abc import Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trustme
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ptx_bulk.errors import ConfigurationError, NetworkFault, PtxError, ServerFault, WrongAddress
from ptx_bulk.model import ListKind
from ptx_bulk.remote import Client, check_base_url
from tests.faults import FaultyServer

NUMBER = "+33600000000"
STOP, NPAI = ListKind.STOP, ListKind.NPAI
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*PROXIES, "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture(scope="module")
def server() -> Iterator[FaultyServer]:
    with FaultyServer().running() as running:
        yield running


def failure(base_url: str, timeout: float = 5.0) -> PtxError:
    async def go() -> PtxError:
        async with Client("sandbox", base_url=base_url, timeout=timeout) as api:
            with pytest.raises(PtxError) as caught:
                await api.add(STOP, NUMBER)
            return caught.value

    return asyncio.run(go())


async def add_and_fetch(base_url: str) -> list[int]:
    async with Client("sandbox", base_url=base_url, timeout=5) as api:
        await api.add(STOP, NUMBER)
        return (await api.fetch(STOP)).numbers.tolist()


def test_all_seven_calls_go_where_the_api_has_them(server: FaultyServer) -> None:
    """Each call has its documented method, path, query, headers and body."""

    async def go() -> None:
        async with Client("sandbox", base_url=server.url + "/") as api:
            for kind in ListKind:
                await api.add(kind, NUMBER)
                await api.fetch(kind)
                await api.remove(kind, NUMBER)
            assert (await api.account()).credits == 12.5

    start = len(server.calls)
    asyncio.run(go())
    seen = [call.request for call in server.calls[start:]]
    assert [f"{request.method} {request.target}" for request in seen] == [
        line
        for segment in ("unsubscribers", "bounces")
        for line in (
            f"POST /v2/{segment}/default/contacts",
            f"GET /v2/{segment}/default/contacts",
            f"DELETE /v2/{segment}/default/contacts?identifier=%2B33600000000",
        )
    ] + ["GET /v2/account/stats"]
    assert seen[0].body == b'{"identifier":"+33600000000"}'
    assert seen[0].headers["content-type"] == "application/json"
    for request in seen:
        assert request.headers["x-primotexto-apikey"] == "sandbox"
        assert request.headers["accept"] == "application/json"
        assert request.headers["accept-encoding"] == "gzip"
        assert request.headers["user-agent"].startswith("ptx-bulk/")


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=40, deadline=None
)
@given(st.one_of(st.text(string.printable, min_size=1), st.text(min_size=1)))
def test_every_spelling_reaches_the_server_unchanged(server: FaultyServer, identifier: str) -> None:
    """Whatever spelling a list holds, a removal names exactly that entry, and an addition sends exactly it."""

    async def go() -> None:
        async with Client("sandbox", base_url=server.url) as api:
            await api.add(NPAI, identifier)
            assert not (await api.remove(NPAI, identifier)).claimed

    asyncio.run(go())
    assert [call.identifier for call in server.calls[-2:]] == [identifier, identifier]


def test_cookies_are_not_kept(server: FaultyServer) -> None:
    """The client is the same client in every call: what a balancer sets is not sent back."""
    from tests.faults import misbehaviour as bad
    from tests.faults import scripted

    async def go() -> None:
        async with FaultyServer(scripted([bad.answering(200, '{"id":"1"}', set_cookie="a=b")])) as other:
            async with Client("sandbox", base_url=other.url) as api:
                await api.add(STOP, NUMBER)
                await api.add(STOP, NUMBER)
            assert "cookie" not in other.calls[-1].request.headers

    asyncio.run(go())


def test_ipv6_loopback_works() -> None:
    """A server on ::1 is reached."""
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")

    async def go() -> list[int]:
        async with FaultyServer(host="::1") as server:
            return await add_and_fetch(server.url)

    try:
        assert asyncio.run(go()) == [33600000000]
    except OSError as error:
        pytest.skip(f"this machine has no IPv6 loopback: {error}")


def test_a_refused_connection_never_left() -> None:
    """Where nobody listens, the call was surely not sent, and the sentence has the system's reason."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    error = failure(f"http://127.0.0.1:{port}")
    assert isinstance(error, NetworkFault)
    assert error.sent is False
    said = r"No connection to the API could be made \((?!None).+\); check the network and the base URL\."
    assert re.fullmatch(said, str(error))


def test_a_name_that_does_not_resolve_never_left() -> None:
    """A host name that does not exist is told, and the call was surely not sent."""
    error = failure("https://nonexistent.invalid")
    assert isinstance(error, NetworkFault)
    assert not error.sent
    assert "host name" in str(error)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def tls(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


def test_an_untrusted_certificate_is_refused(authority: trustme.CA) -> None:
    """A certificate of an unknown authority ends the call before anything is sent."""
    with FaultyServer(tls=tls(authority, "127.0.0.1")).running() as server:
        error = failure(server.url)
    assert isinstance(error, NetworkFault)
    assert not error.sent
    assert "SSL_CERT_FILE" in str(error)
    assert server.calls == []


def test_ssl_cert_file_is_respected(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An authority named by SSL_CERT_FILE is trusted, for the names on its certificates alone."""
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    with FaultyServer(tls=tls(authority, "127.0.0.1")).running() as server:
        assert asyncio.run(add_and_fetch(server.url)) == [33600000000]
    with FaultyServer(tls=tls(authority, "elsewhere.invalid")).running() as server:
        assert isinstance(failure(server.url), NetworkFault)


def test_an_unreadable_ssl_cert_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A certificate file that is missing or damaged is a configuration error with its reason."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing.pem"))
    with pytest.raises(ConfigurationError) as caught:
        Client("key")
    said = r"The file in SSL_CERT_FILE cannot be read as certificates \((?!None).+\); correct or unset it\."
    assert re.fullmatch(said, str(caught.value))


def test_https_to_a_plain_server_is_told(server: FaultyServer) -> None:
    """An address with the wrong scheme ends in one sentence, not in a hang."""
    error = failure(server.url.replace("http://", "https://"), timeout=0.5)
    assert isinstance(error, NetworkFault | ServerFault)


@asynccontextmanager
async def proxy_to(port: int, refuse: bool = False):
    """A CONNECT proxy that leads every call to one local port."""
    asked: list[str] = []
    tasks: list[asyncio.Task[None]] = []

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readuntil(b"\r\n\r\n")).decode())
        if refuse:
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            writer.close()
            return
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        tasks.append(asyncio.create_task(pump(reader, up_writer)))
        tasks.append(asyncio.create_task(pump(up_reader, writer)))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], asked
    finally:
        server.close()
        await asyncio.gather(*tasks, return_exceptions=True)


def test_the_environments_proxy_is_used(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """HTTPS_PROXY carries the calls, with the TLS of the API inside; the key is not shown to the proxy."""
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))

    async def go() -> tuple[list[int], list[str]]:
        async with (
            FaultyServer(tls=tls(authority, "sms.invalid")) as server,
            proxy_to(server.port) as (port, asked),
        ):
            monkeypatch.setenv("HTTPS_PROXY", f"http://user:pass@127.0.0.1:{port}")
            return await add_and_fetch("https://sms.invalid"), asked

    numbers, asked = asyncio.run(go())
    assert numbers == [33600000000]
    assert asked[0].startswith("CONNECT sms.invalid:443 ")
    assert "proxy-authorization: basic dxnlcjpwyxnz" in asked[0].lower()
    assert "sandbox" not in asked[0]


def test_a_proxy_that_refuses_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that wants a password stands in the way of every call, and the sentence names its variable."""

    async def go() -> WrongAddress:
        async with proxy_to(0, refuse=True) as (port, _asked):
            monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
            async with Client("sandbox", base_url="https://sms.invalid") as api:
                with pytest.raises(WrongAddress) as caught:
                    await api.add(STOP, NUMBER)
                return caught.value

    error = asyncio.run(go())
    assert error.http_status == 407
    assert "HTTPS_PROXY" in str(error)


def test_loopback_and_no_proxy_hosts_are_reached_directly(
    server: FaultyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No proxy comes between the client and this machine, or a host that NO_PROXY names."""
    for name in PROXIES[:3]:
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert 33600000000 in asyncio.run(add_and_fetch(server.url))
    monkeypatch.setenv("NO_PROXY", "nonexistent.invalid")
    assert "host name" in str(failure("https://nonexistent.invalid"))


def test_a_socks_proxy_is_refused_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy of another kind is a configuration error that does not repeat its password."""
    monkeypatch.setenv("HTTPS_PROXY", "socks5://user:pass@127.0.0.1:1")
    with pytest.raises(ConfigurationError, match="HTTPS_PROXY") as caught:
        Client("key")
    assert "pass" not in str(caught.value).replace("NO_PROXY", "")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://api.primotexto.com", "https://api.primotexto.com"),
        (" https://api.primotexto.com// ", "https://api.primotexto.com"),
        ("HTTPS://API.primotexto.com:443/", "https://api.primotexto.com"),
        ("http://LOCALHOST", "http://localhost"),
        ("https://sms.example:8443/root/", "https://sms.example:8443/root"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://127.0.0.1:1/", "http://127.0.0.1:1"),
        ("http://127.3.2.1", "http://127.3.2.1"),
        ("http://[::1]:81", "http://[::1]:81"),
    ],
)
def test_base_urls_that_are_accepted(url: str, expected: str) -> None:
    """Encrypted anywhere and plain on this machine, in one form each."""
    assert check_base_url(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "http://api.primotexto.com",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "http://0.0.0.0",
        "http://[::]",
        "http://2130706433",
        "https://user:secret@api.primotexto.com",
        "http://localhost@evil.example",
        "http://[::1%25eth0]",
        "http://[::1%eth0]",
        "https://[fe80::1%251]",
        "http://[::ffff:127.0.0.1]",
        "http://127.1",
        "http://0x7f000001",
        "http://0177.0.0.1",
        "http://localhost.",
        "http://foo.localhost",
        "http://127。0。0。1",
        "http://%6cocalhost",
        "https://2130706433",
        "https://127.1",
        "https://0x7f.1",
        "https://a..b",
        "https://.example",
        "https://-",
        "https://xn--",
        "https://" + "a" * 64 + ".example",
        "https://exa%mple",
        "https://example.com:0",
        "https://",
        "https:///v2",
        "ftp://localhost",
        "api.primotexto.com",
        "",
        "https://api.primotexto.com?x=1",
        "https://api.primotexto.com/#x",
        "https://api.primotexto.com:port",
        "https://api.primotexto.com:99999",
        "https://api primotexto.com",
        "https://[::1",
        "http://localhost\\@evil.example",
        "https://api.primotexto.com\n",
        "https://a\r\nHost: b",
    ],
)
def test_base_urls_that_are_refused(url: str) -> None:
    """What is not encrypted, holds a secret or is no address is a configuration error."""
    if url.strip() != url:
        assert check_base_url(url) == url.strip()
        return
    with pytest.raises(ConfigurationError) as caught:
        check_base_url(url)
    assert "secret" not in str(caught.value)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        (
            "https://anna:secret@api.test",
            "The base URL must not hold a user name or password; set PTX_API_KEY instead.",
        ),
        (
            "ftp://api.test",
            (
                "The base URL 'ftp://api.test' is not an address such as https://api.primotexto.com; "
                "check --base-url or PTX_BASE_URL."
            ),
        ),
        (
            "http://api.test",
            (
                "The base URL http://api.test is not encrypted: the API key would be readable on the way; use https:// "
                "(http:// is only for this machine: localhost, 127.0.0.1, [::1])."
            ),
        ),
    ],
)
def test_each_refusal_of_a_base_url_says_what_to_write(url: str, sentence: str) -> None:
    """A secret, another kind of address and one without encryption are told apart."""
    with pytest.raises(ConfigurationError) as caught:
        check_base_url(url)
    assert str(caught.value) == sentence


@pytest.mark.parametrize("key", ["", "  ", "a b", "clé", "a\nb"])
def test_a_key_that_cannot_be_one_is_refused(key: str) -> None:
    """A key that a header cannot carry is a configuration error that does not repeat it."""
    with pytest.raises(ConfigurationError) as caught:
        Client(key, base_url="http://localhost")
    assert not key.strip() or key not in str(caught.value)

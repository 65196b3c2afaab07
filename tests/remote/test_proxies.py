"""Behind a company's proxy: which one is used, what it gets to see, how its failures are told, whose certificates."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import re
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
import trustme
import truststore
import uvicorn

from ptx_bulk.errors import ConfigurationError, NetworkFault, RemoteError, WrongAddress
from ptx_bulk.model import ListKind
from ptx_bulk.remote import Client
from ptx_bulk.remote.addresses import certificate_source, named_proxy, trusted_certificates
from ptx_bulk.sandbox import create_app
from tests.conftest import Ran
from tests.faults import FaultyServer, scripted
from tests.faults import misbehaviour as bad
from tests.faults.proxy import ConnectProxy

NUMBER = "+33600000000"
KEY = "sandbox"
HOST = "api.test.invalid"
URL = f"https://{HOST}"
NAMES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*NAMES, "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def authority_file(authority: trustme.CA, tmp_path: Path) -> Path:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return tmp_path / "ca.pem"


def tls(authority: trustme.CA, *names: str, expired: bool = False) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ended = (
        {"not_before": dt.datetime(2020, 1, 1, tzinfo=dt.UTC), "not_after": dt.datetime(2021, 1, 1, tzinfo=dt.UTC)}
        if expired
        else {}
    )
    authority.issue_cert(*names, **ended).configure_cert(context)
    return context


@contextlib.contextmanager
def sandbox_over_tls(authority: trustme.CA, folder: Path) -> Iterator[int]:
    """The simulator served by uvicorn over TLS, with a certificate for `HOST`."""
    certificate = authority.issue_cert(HOST)
    certificate.private_key_and_cert_chain_pem.write_to_path(str(folder / "server.pem"))
    app = create_app(folder / "sandbox.sqlite3", key=KEY)
    config = uvicorn.Config(
        app, ssl_certfile=str(folder / "server.pem"), lifespan="off", ws="none", log_config=None, access_log=False
    )
    server = uvicorn.Server(config)
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])))
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(20)
        listener.close()
        app.state.store.release()


@contextlib.contextmanager
def tunnel(server: FaultyServer) -> Iterator[str]:
    """`host:port` of a proxy that leads to the server, while both run."""
    with server.running() as running, ConnectProxy({HOST: running.port}).running() as place:
        yield place


def add(*, timeout: float = 5.0) -> RemoteError | None:
    """What comes of one addition over the environment's proxy."""

    async def go() -> RemoteError | None:
        async with Client(KEY, base_url=URL, timeout=timeout) as api:
            try:
                await api.add(ListKind.STOP, NUMBER)
            except RemoteError as error:
                return error
            return None

    return asyncio.run(go())


def files_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.mark.slow
def test_a_whole_import_goes_through_a_tunnel(
    run: Callable[..., Ran], authority: trustme.CA, authority_file: Path, tmp_path: Path
) -> None:
    """An import behind a proxy with a login and a private authority does its work, and only CONNECTs are asked for."""
    (run.folder / "stops.csv").write_text("Mobile\n0612345678\n")
    with sandbox_over_tls(authority, tmp_path) as port:
        proxy = ConnectProxy({HOST: port}, login="anna:geheim%")
        with proxy.running() as place:
            ways = {"HTTPS_PROXY": f"http://anna:geheim%25@{place}", "SSL_CERT_FILE": str(authority_file)}
            done = run("--base-url", URL, "import", "stops.csv", "--json", "-vv", key=KEY, **ways)
            looked = run("--base-url", URL, "doctor", key=KEY, **ways)
    assert (done.code, done.json["counts"]) == (0, {"applied": 1}), done.err
    assert proxy.heads
    assert all(head.startswith(f"CONNECT {HOST}:443 ") for head in proxy.heads)
    assert KEY.encode() not in proxy.seen.lower().replace(b"basic", b"")
    assert b"X-Primotexto-ApiKey".lower() not in proxy.seen.lower()
    assert looked.code == 0, looked.out
    assert re.search(rf"Proxy +http://{place}, named by HTTPS_PROXY", looked.out)
    assert re.search(
        rf"Certificates +those of SSL_CERT_FILE={re.escape(str(authority_file))}, and the system's", looked.out
    )
    told = "".join((done.out, done.err, looked.out, looked.err))
    assert "geheim" not in told
    assert "anna" not in told
    assert b"geheim" not in files_of(run.folder) + files_of(tmp_path / "home")


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
def test_each_variable_names_a_proxy(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The proxy of each variable is used, in capitals or small letters, and the variable is known."""
    monkeypatch.setenv(name, "proxy.test:3128")
    found = named_proxy(URL)
    assert found is not None
    assert found.place == "http://proxy.test:3128"
    assert found.source.upper() == name.upper()


@pytest.mark.skipif("os.name == 'nt'", reason="Windows knows no small letters in names of variables")
def test_small_letters_win(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable in small letters wins over the one in capitals, as everywhere."""
    monkeypatch.setenv("HTTPS_PROXY", "http://capitals.test:1")
    monkeypatch.setenv("https_proxy", "http://small.test:2")
    monkeypatch.setenv("ALL_PROXY", "http://all.test:3")
    found = named_proxy(URL)
    assert found is not None
    assert (found.place, found.variable) == ("http://small.test:2", "https_proxy")


def test_a_proxy_for_http_is_not_for_https(monkeypatch: pytest.MonkeyPatch) -> None:
    """HTTP_PROXY says nothing of encrypted addresses."""
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.test:3128")
    assert named_proxy(URL) is None


@pytest.mark.parametrize(
    ("excepted", "url", "direct"),
    [
        ("api.test.invalid", URL, True),
        ("test.invalid", URL, True),
        (".test.invalid", URL, True),
        ("other.invalid, .test.invalid", URL, True),
        ("API.TEST.INVALID", URL, True),
        ("api.test.invalid:443", f"{URL}:443", True),
        ("api.test.invalid:443", URL, True),
        (".test.invalid:443", URL, True),
        ("*.test.invalid", URL, True),
        ("test.invalid.", URL, True),
        ("*", URL, True),
        ("localhost,*", URL, True),
        ("10.0.0.0/8", "https://10.1.2.3", True),
        ("10.1.2.3", "https://10.1.2.3", True),
        ("fd00::/8", "https://[fd12::1]", True),
        ("10.0.0.0/8", "https://11.1.2.3", False),
        ("pi.test.invalid", URL, False),
        ("*.pi.test.invalid", URL, False),
        (".", URL, False),
        (":443", URL, False),
        ("api.test.invalid:8443", f"{URL}:443", False),
        ("", URL, False),
    ],
)
def test_no_proxy(excepted: str, url: str, direct: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_PROXY names hosts by name, domain, port, address or network, and nobody by half a name."""
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.test:3128")
    monkeypatch.setenv("NO_PROXY", excepted)
    assert (named_proxy(url) is None) is direct


@pytest.mark.parametrize("url", ["https://localhost:8443", "https://127.0.0.2", "https://[::1]", "http://127.0.0.1:1"])
def test_this_machine_is_never_reached_over_a_proxy(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy is used for a loopback address, whatever the variables say."""
    for name in NAMES[:3]:
        monkeypatch.setenv(name, "http://proxy.test:3128")
    assert named_proxy(url) is None


@pytest.mark.parametrize(
    "address",
    [
        "socks5://anna:geheim@proxy.test:1080",
        "http://anna:geheim@",
        "http://anna:geheim@proxy.test:port",
        "http://anna:geheim@proxy.test:99999",
        "http://anna:geheim@pro xy.test",
        "anna:geheim",
        "ftp://geheim",
        "http://",
        "http://geheim:0",
    ],
)
def test_a_wrong_proxy_address_is_refused(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy address that is none is a configuration error that repeats nothing of it."""
    monkeypatch.setenv("HTTPS_PROXY", address)
    with pytest.raises(ConfigurationError) as caught:
        Client(KEY, base_url=URL)
    assert str(caught.value) == (
        "The proxy in HTTPS_PROXY is not an http:// or https:// address; "
        "correct it, or name the API's host in NO_PROXY."
    )


def test_a_command_with_a_wrong_proxy_ends_in_one_sentence(run: Callable[..., Ran]) -> None:
    """A proxy address that is none ends a command with 2 and one sentence, which doctor tells, too."""
    ways = {"HTTPS_PROXY": "socks5://anna:geheim@proxy.test:1080"}
    done = run("--base-url", URL, "export", "-o", "lists.csv", key="k", **ways)
    assert done.code == 2
    assert re.fullmatch("Error: The proxy in HTTPS_PROXY is not an http.*\n", done.err)
    checks = {
        check["name"]: check for check in run("--base-url", URL, "doctor", "--json", key="k", **ways).json["checks"]
    }
    assert checks["proxy"]["state"] == "failed"
    assert "geheim" not in str(checks)


def test_a_proxy_that_wants_another_login(monkeypatch: pytest.MonkeyPatch) -> None:
    """A 407 stops the run, and names proxy, variable and what to write, but no password."""
    with ConnectProxy({HOST: 1}, login="anna:right").running() as place:
        monkeypatch.setenv("HTTPS_PROXY", f"http://anna:wrong@{place}")
        error = add()
    assert isinstance(error, WrongAddress)
    assert error.http_status == 407
    assert f"http://{place}, named by HTTPS_PROXY, wants a user name and password" in str(error)
    assert "wrong" not in str(error)


@pytest.mark.parametrize(("status", "kind"), [(403, WrongAddress), (502, NetworkFault), (503, NetworkFault)])
def test_a_proxy_that_refuses(status: int, kind: type[RemoteError], monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that forbids the address stops the run; one that cannot reach it is asked again, since nothing left."""
    with ConnectProxy(status=status).running() as place:
        monkeypatch.setenv("ALL_PROXY", f"http://{place}")
        error = add()
    assert isinstance(error, kind)
    assert f"http://{place}, named by ALL_PROXY, does not let the call through (HTTP {status})" in str(error)
    assert not isinstance(error, NetworkFault) or error.sent is False


def unreached(place: str) -> str:
    """What is said of a proxy that does nothing, with the system's reason, in whatever words it has, or `-`."""
    return rf"http://{place}, named by HTTPS_PROXY, cannot be reached or does not answer \((?!None).+\); correct its"


@pytest.mark.parametrize("mute", ["close", "silent"])
def test_a_proxy_that_does_not_answer(mute: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What fails while the tunnel is made surely never left, and the proxy is named."""
    with ConnectProxy(mute=mute).running() as place:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{place}")
        error = add(timeout=0.5)
    assert isinstance(error, NetworkFault)
    assert error.sent is False
    assert re.search(unreached(place), str(error))


@pytest.mark.parametrize("place", ["127.0.0.1:9", "proxy.test.invalid:3128"])
def test_a_proxy_that_is_not_there(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy where nobody listens, or whose name nobody knows, is named with its variable and the system's reason."""
    monkeypatch.setenv("HTTPS_PROXY", f"http://anna:geheim@{place}")
    error = add()
    assert isinstance(error, NetworkFault)
    assert error.sent is False
    assert re.search(unreached(place), str(error))
    assert "geheim" not in str(error)


def test_a_call_lost_in_the_tunnel_is_in_doubt(
    authority: trustme.CA, authority_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection that breaks behind the tunnel may have carried the call, also right after one that never left."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority_file))

    async def go() -> list[RemoteError]:
        errors: list[RemoteError] = []
        async with Client(KEY, base_url=URL, timeout=5) as api:
            await api.add(ListKind.STOP, "+33600000001")  # the connection is kept
            for _n in range(2):
                with pytest.raises(RemoteError) as caught:
                    await api.add(ListKind.STOP, NUMBER)
                errors.append(caught.value)
        return errors

    behaviour = scripted([None, bad.RESET_AFTER, bad.CLOSE_BEFORE])
    with tunnel(FaultyServer(behaviour, tls=tls(authority, HOST))) as place:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{place}")
        errors = asyncio.run(go())
    assert [isinstance(error, NetworkFault) and error.sent for error in errors] == [True, True]


class _Lost(httpx.AsyncBaseTransport):
    """A transport on which every call is lost."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("lost", request=request)


@pytest.mark.slow
def test_a_failed_connection_says_nothing_of_the_next_call() -> None:
    """A call that broke after it left is in doubt although the same task's call before it never left."""

    async def sent(base_url: str, transport: httpx.AsyncBaseTransport | None = None) -> bool:
        async with Client(KEY, base_url=base_url, timeout=1, transport=transport) as api:
            with pytest.raises(NetworkFault) as caught:
                await api.add(ListKind.STOP, NUMBER)
            return caught.value.sent

    async def go(port: int) -> list[bool]:
        # A plain server: TLS to it fails while the connection is made, a plain call is broken off after it was done.
        plain, encrypted = f"http://127.0.0.1:{port}", f"https://127.0.0.1:{port}"
        return [await sent(encrypted), await sent(plain), await sent(encrypted), await sent(plain, _Lost())]

    with FaultyServer(lambda _request: bad.RESET_AFTER).running() as server:
        assert asyncio.run(go(server.port)) == [False, True, False, True]


def refused_through(place: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("HTTPS_PROXY", f"http://{place}")
    error = add()
    assert isinstance(error, NetworkFault)
    assert not error.sent
    return str(error)


@pytest.mark.parametrize("kind", ["unknown", "self-signed", "other name", "expired"])
def test_certificates_are_verified_behind_a_proxy(
    kind: str, authority: trustme.CA, authority_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tunnel to a server whose certificate is unknown, self-signed, another's or expired carries no call."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority_file))
    contexts = {
        "unknown": lambda: tls(trustme.CA(), HOST),
        "self-signed": self_signed,
        "other name": lambda: tls(authority, "elsewhere.invalid"),
        "expired": lambda: tls(authority, HOST, expired=True),
    }
    server = FaultyServer(tls=contexts[kind]())
    with tunnel(server) as place:
        said = refused_through(place, monkeypatch)
    assert server.calls == []
    assert "certificate" in said


def self_signed() -> ssl.SSLContext:
    """A certificate for `HOST` that nobody but itself vouches for."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(1))
        .not_valid_after(now + dt.timedelta(1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    whole = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with trustme.Blob(whole + made.public_bytes(pem)).tempfile() as path:
        context.load_cert_chain(path)
    return context


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl to name a certificate by its hash")
def test_ssl_cert_dir_is_respected(
    authority: trustme.CA, authority_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An authority in the folder that SSL_CERT_DIR names is trusted behind a proxy."""
    asked = ["openssl", "x509", "-hash", "-noout", "-in", str(authority_file)]
    name = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    folder = tmp_path / "authorities"
    folder.mkdir()
    authority_file.rename(folder / f"{name}.0")
    monkeypatch.setenv("SSL_CERT_DIR", str(folder))
    server = FaultyServer(tls=tls(authority, HOST))
    with tunnel(server) as place:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{place}")
        assert add() is None
    assert len(server.calls) == 1


@pytest.mark.parametrize(
    ("variable", "content"),
    [("SSL_CERT_FILE", None), ("SSL_CERT_FILE", "no certificate"), ("SSL_CERT_FILE", ""), ("SSL_CERT_DIR", None)],
)
def test_wrong_certificate_settings_are_one_sentence(
    variable: str, content: str | None, run: Callable[..., Ran], tmp_path: Path
) -> None:
    """A certificate file or folder that cannot be used ends with 2, named by its variable; doctor tells it, too."""
    path = tmp_path / "authorities.pem"
    if content is not None:
        path.write_text(content)
    done = run("--base-url", URL, "export", "-o", "lists.csv", key="k", **{variable: str(path)})
    assert done.code == 2
    assert variable in done.err
    assert len(done.err.strip().splitlines()) == 1
    looked = run("--base-url", URL, "doctor", "--json", key="k", **{variable: str(path)})
    states = {check["name"]: check for check in looked.json["checks"]}
    assert states["certificates"]["state"] == "failed"
    assert variable in states["certificates"]["detail"]


def test_the_systems_own_store_verifies(authority_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store that verifies is the system's own on every system, and is told beside what the environment names."""
    assert isinstance(trusted_certificates(), truststore.SSLContext)
    assert certificate_source().startswith("the system's (")
    monkeypatch.setenv("SSL_CERT_FILE", str(authority_file))
    assert isinstance(trusted_certificates(), truststore.SSLContext)
    told = certificate_source()
    assert (str(authority_file) in told, "the system's (" in told) == (True, True)


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="elsewhere the system's store is where OpenSSL looks")
def test_the_systems_store_stays_in_use_beside_a_named_file(
    authority: trustme.CA, authority_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An authority of the system's store is trusted although SSL_CERT_FILE names another file."""
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "other.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "other.pem"))
    server = FaultyServer(tls=tls(authority, HOST))
    with tunnel(server) as place:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{place}")
        assert isinstance(add(), NetworkFault)
        places = ssl.get_default_verify_paths()._replace(openssl_cafile=str(authority_file))
        monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: places)
        assert add() is None
    assert len(server.calls) == 1


def test_nothing_switches_verification_off(authority_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the environment names, a certificate must be vouched for and bear the right name."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority_file))
    context = trusted_certificates()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


def test_a_named_proxy_shows_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that is printed of a proxy holds its login."""
    monkeypatch.setenv("HTTPS_PROXY", "http://anna:geheim@proxy.test:3128/?token=geheim")
    found = named_proxy(URL)
    assert found is not None
    assert not any(word in f"{found} {found!r} {found.place}" for word in ("geheim", "anna"))
    with pytest.raises(ConfigurationError):
        monkeypatch.setenv("HTTPS_PROXY", "socks5://anna:geheim@proxy.test")
        named_proxy(URL)

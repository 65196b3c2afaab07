"""Packed answers, unpacked a bounded piece at a time; and what a client is made with."""

from __future__ import annotations

import asyncio
import gzip
import ssl
import sys
from collections.abc import AsyncIterator

import httpx
import pytest

from ptx_bulk.errors import ConfigurationError
from ptx_bulk.remote import Client
from ptx_bulk.remote.addresses import certificate_source
from ptx_bulk.remote.bounds import inflated

MOST = 64 << 10


def unpacked(parts: list[bytes], encoding: str | None) -> list[bytes]:
    """What comes out of a body that arrives in these parts."""

    class Arriving(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            for part in parts:
                yield part

    async def go() -> list[bytes]:
        headers = {} if encoding is None else {"content-encoding": encoding}
        response = httpx.Response(200, headers=headers, stream=Arriving())
        return [piece async for piece in inflated(response)]

    return asyncio.run(go())


@pytest.mark.parametrize("encoding", [None, "identity", " Identity ", "gzip", "X-GZIP"])
@pytest.mark.parametrize("size", [0, 1, MOST - 1, MOST, MOST + 1, 3 * MOST])
def test_a_body_comes_out_whole(encoding: str | None, size: int) -> None:
    """However it is packed and cut, what was sent is what comes out, in pieces of at most 64 KB where it was packed."""
    body = bytes(range(256)) * (size // 256) + bytes(size % 256)
    packed = gzip.compress(body) if encoding and "gzip" in encoding.lower() else body
    for step in (len(packed) or 1, 999):
        pieces = unpacked([packed[at : at + step] for at in range(0, len(packed), step)], encoding)
        assert b"".join(pieces) == body
        if packed is not body:
            assert max(map(len, pieces)) <= MOST


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip", "zstd"])
def test_a_packing_that_nobody_asked_for_is_refused(encoding: str) -> None:
    """Only gzip is asked for, so anything else is no answer."""
    with pytest.raises(httpx.DecodingError):
        unpacked([b"{}"], encoding)


@pytest.mark.parametrize(("cut", "damage"), [(1, b""), (8, b""), (0, b"\xff"), (0, b"\x1f\x8b")])
def test_a_packing_that_is_cut_or_damaged_is_refused(cut: int, damage: bytes) -> None:
    """What is not unpacked to its end, or goes on as something else, is not used."""
    packed = gzip.compress(b'{"id": 7}' * 99)
    with pytest.raises(httpx.DecodingError):
        unpacked([packed[: len(packed) - cut] + damage], "gzip")
    with pytest.raises(httpx.DecodingError):
        unpacked([packed[: len(packed) - cut], damage], "gzip")


@pytest.mark.parametrize("arriving", ["together", "one by one"])
@pytest.mark.parametrize(("members", "refused"), [(2, False), (1000, False), (1001, True)])
def test_members_follow_each_other_a_thousand_times(members: int, refused: bool, arriving: str) -> None:
    """Gzip may be in several members, each of which costs more time than bytes: more than a thousand are refused."""
    packed = [gzip.compress(b"%d;" % n) for n in range(members)]
    parts = [b"".join(packed)] if arriving == "together" else packed
    if refused:
        with pytest.raises(httpx.DecodingError):
            unpacked(parts, "gzip")
    else:
        assert b"".join(unpacked(parts, "gzip")) == b"".join(b"%d;" % n for n in range(members))


@pytest.mark.parametrize("timeout", [0, -1, float("inf"), float("nan")])
def test_a_timeout_that_is_none_is_refused(timeout: float) -> None:
    """A call that would never or always be given up is no call."""
    with pytest.raises(ConfigurationError, match="--timeout"):
        Client("sandbox", timeout=timeout)


@pytest.mark.parametrize("connections", [0, -1])
def test_a_client_without_connections_is_refused(connections: int) -> None:
    """Every call would wait for ever."""
    with pytest.raises(ConfigurationError, match="connections"):
        Client("sandbox", connections=connections)


@pytest.mark.parametrize(
    ("system", "store"),
    [
        ("win32", "the certificate store of Windows"),
        ("darwin", "the keychain of macOS"),
        ("linux", "the distribution's"),
    ],
)
def test_the_systems_store_is_told_by_its_name(system: str, store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each system's store of certificates has its name; elsewhere it is the distribution's where OpenSSL has none."""
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    nowhere = ssl.get_default_verify_paths()._replace(openssl_cafile="/none", openssl_capath="/none")
    with monkeypatch.context() as patch:
        patch.setattr(ssl, "get_default_verify_paths", lambda: nowhere)
        patch.setattr(sys, "platform", system)
        told = certificate_source()
    assert told == f"the system's ({store}), and Mozilla's"


def test_whose_certificates_are_trusted_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The file that the environment names before its folder, and the system's own beside either."""
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    assert certificate_source().startswith("the system's (")
    assert certificate_source().endswith("), and Mozilla's")
    monkeypatch.setenv("SSL_CERT_DIR", "/folder")
    assert certificate_source().startswith("those of SSL_CERT_DIR=/folder, and the system's (")
    monkeypatch.setenv("SSL_CERT_FILE", "/file.pem")
    assert certificate_source().startswith("those of SSL_CERT_FILE=/file.pem, and the system's (")

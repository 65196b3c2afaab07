"""Answers without end: each ends in one sentence, once, in little memory; and values that fit nowhere are cut."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from ptx_bulk.applying import RetryPolicy, fetch
from ptx_bulk.errors import AnswerTooBig, NetworkFault, RemoteError, ServerFault
from ptx_bulk.model import ListKind
from ptx_bulk.remote import Answer, Client
from ptx_bulk.remote.bounds import check_list, too_many_entries
from ptx_bulk.snapshot import Snapshot
from tests.conftest import Ran
from tests.faults import FaultyServer, always
from tests.faults import misbehaviour as bad
from tests.faults.bombs import LISTS, SLOW, SMALL, BombServer, Stream

STOP = ListKind.STOP
NUMBER = "+33600000000"
MIB, GIB = 1 << 20, 1 << 30
# Floods that the reading of HTTP itself ends, at once or at the time limit.
FLOODS = ("header-line", "headers", "short-headers", "folded-header", "reason", "trailers")
STUCK = ("interim", "chunk-extension", "chunk-size")
TOO_BIG = [name for name in SMALL if name not in (*FLOODS, *STUCK, "gzip-empty-members")]
LONG = ("entries", "fat-entries", "empty-entries", "deleted", "entries-gzip", "long-texts", "endless-blanks")


def failure(stream: Stream, call: str, timeout: float = 20.0) -> tuple[RemoteError, BombServer]:
    """The error of one call that is answered with this stream, and the server as witness."""

    async def go(url: str) -> None:
        async with Client("sandbox", base_url=url, timeout=timeout) as api:
            match call:
                case "POST":
                    await api.add(STOP, NUMBER)
                case "DELETE":
                    await api.remove(STOP, NUMBER)
                case "account":
                    await api.account()
                case _:
                    await api.fetch(STOP)

    with BombServer({call: stream}).running() as server:
        with pytest.raises(RemoteError) as caught:
            asyncio.run(go(server.url))
        return caught.value, server


@pytest.mark.parametrize("call", ["POST", "DELETE", "account"])
@pytest.mark.parametrize("name", TOO_BIG)
def test_a_small_answer_without_end_is_not_read_on(name: str, call: str) -> None:
    """What goes on after 512 KB, packed or unpacked, is refused with the size and what to check."""
    error, server = failure(SMALL[name], call)
    assert isinstance(error, AnswerTooBig)
    assert "512 KB" in str(error)
    assert "base URL" in str(error)
    assert error.http_status == 200
    assert server.sent < 50 << 20


@pytest.mark.parametrize("call", ["account", "GET list"])
@pytest.mark.parametrize("name", [*FLOODS, *STUCK])
def test_a_flood_around_the_body_is_an_error(name: str, call: str) -> None:
    """Headers, trailers, interim answers and chunk sizes without end are no answer, whatever was called."""
    error, _server = failure(SMALL[name], call, timeout=1.0)
    assert isinstance(error, ServerFault | NetworkFault)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("one-text", "1 MB"),
        ("one-text-gzip", "1 MB"),
        ("one-entry", "1 MB"),
        ("one-entry-gzip", "1 MB"),
        ("one-array", "1 MB"),
        ("quotes", "1 MB"),
        ("deep-entry", "1 MB"),
        ("blanks-after", "1 MB"),
        ("endless-blanks", "64 MB with 0 entries"),
        ("long-texts", "64 MB with"),
    ],
)
def test_a_list_may_be_as_long_as_its_entries_say(name: str, said: str) -> None:
    """A body that goes on without ending an entry, or with few of them, is refused as that."""
    error, _server = failure(LISTS[name], "GET list")
    assert isinstance(error, AnswerTooBig)
    assert said in str(error)


async def taken_in(packed: int) -> httpx.Response:
    """An answer of which so many bytes came over the wire."""
    response = httpx.Response(200, stream=httpx.ByteStream(bytes(packed)))
    async for _part in response.aiter_raw():
        pass
    return response


@pytest.mark.parametrize(
    ("packed", "entries", "most"),
    [(1, 0, 64 * MIB), (MIB, 1, 64 * MIB + 4096), (MIB, 1_000_000, 264 * MIB), (2 * MIB, 1_000_000, 464 * MIB)],
)
def test_a_list_may_be_as_long_as_its_entries_and_its_packed_bytes_say(packed: int, entries: int, most: int) -> None:
    """64 MB and 4 KB an entry, and unpacked no more than 64 MB and 200 times what came: one byte more is refused."""
    response = asyncio.run(taken_in(packed))
    check_list(response, most, entries)
    with pytest.raises(AnswerTooBig) as caught:
        check_list(response, most + 1, entries)
    assert str(caught.value) == (
        f"The list was not read on after {most >> 20} MB with {entries:,} entries, since no list of the API is like "
        "that, and is not used; check the base URL and the proxy."
    )
    assert caught.value.http_status == 200


def test_a_list_that_memory_cannot_hold_is_told_with_its_entries() -> None:
    """The refusal of too many entries counts them, and says what to do."""
    error = too_many_entries(200, 12_345_678)
    assert str(error) == (
        "The list was not read on after 12,345,678 entries, since more do not fit into the memory that ptx-bulk "
        "allows itself, and is not used; check the base URL, or have Primotexto clean the list."
    )
    assert error.http_status == 200


class _Deleted(httpx.AsyncBaseTransport):
    """Every list has so many deleted entries."""

    def __init__(self, entries: int) -> None:
        self._entries = entries

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, stream=_Entries(self._entries), request=request)


class _Entries(httpx.AsyncByteStream):
    def __init__(self, entries: int) -> None:
        self._entries = entries

    async def __aiter__(self) -> AsyncIterator[bytes]:
        block = b'{"deleted":true},' * 4000
        yield b"["
        for _n in range(self._entries // 4000 - 1):
            yield block
        yield block[:-1] + b"]"


@pytest.mark.slow
def test_both_lists_together_fit_into_memory() -> None:
    """What one list takes of the memory allowed is no longer there for the other."""

    async def go() -> None:
        async with Client("sandbox", transport=_Deleted(7_200_000)) as api:
            assert (await api.fetch(STOP)).deleted == 7_200_000
            with pytest.raises(AnswerTooBig, match="do not fit into the memory"):
                await api.fetch(ListKind.NPAI)

    asyncio.run(go())


def run_measured(tmp_path: Path, environment: dict[str, str], url: str, *arguments: str) -> tuple[Ran, int]:
    """The command in a process of its own, and the most memory it had."""
    env = {**environment, "PTX_API_KEY": "k" * 32, "PTX_BASE_URL": url}
    command = [sys.executable, "-m", "tests.faults.measured", str(tmp_path / "peak"), *arguments]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, timeout=600, check=False)
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode()), int((tmp_path / "peak").read_text())


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.endurance, pytest.mark.timeout(700)]) for name in LONG]
    + ["one-text-gzip", pytest.param("one-array", marks=pytest.mark.slow)],
)
def test_a_list_without_end_ends_an_export(name: str, tmp_path: Path, environment: dict[str, str]) -> None:
    """Whatever list comes without end: one sentence, exit 5, each list asked for once, less than 1 GB of memory."""
    with BombServer({"GET list": LISTS[name]}).running() as server:
        ran, peak = run_measured(tmp_path, environment, server.url, "export", "-o", "x.csv")
    assert ran.code == 5
    assert "is not used" in ran.err
    assert "Unexpected" not in ran.err
    assert server.calls.count("GET list") == 2
    assert peak < GIB


@pytest.mark.parametrize("call", [pytest.param("POST", marks=pytest.mark.slow), "DELETE"])
def test_a_run_stops_at_the_first_answer_without_end(call: str, tmp_path: Path, environment: dict[str, str]) -> None:
    """A bomb in place of an answer stops the run, resumably; it is not fetched for every number and repeat."""
    numbers = [f"+336000{at:05d}" for at in range(60)]
    (tmp_path / "a.csv").write_text("phone\n" + "\n".join(numbers))
    command = ("import", "a.csv", "--yes") if call == "POST" else ("remove", "a.csv", "--list", "npai", "--yes")
    options = ("--max-removals", "100%") if call == "DELETE" else ()
    bombs = {call: SMALL["gzip"]}
    with BombServer(bombs, listed=numbers if call == "DELETE" else []).running() as server:
        ran, peak = run_measured(tmp_path, environment, server.url, *command, *options)
    assert ran.code == 5
    assert "512 KB" in ran.err
    assert server.calls.count(call) <= 8
    assert peak < GIB


@pytest.mark.slow
def test_a_drip_is_no_list() -> None:
    """A list that brings less than 1 KB a second ends after the time allowed, though something always comes."""
    error, _server = failure(SLOW["drip"], "GET list", timeout=1.0)
    assert isinstance(error, NetworkFault)
    assert error.sent


def test_failing_is_bounded_in_time_too() -> None:
    """A call is not repeated once it has failed for the longest time, however few its attempts were."""
    policy = RetryPolicy(attempts=10_000, initial=0.05, maximum=0.05, longest_failing=0.5)

    async def go() -> int:
        async with FaultyServer(always(bad.ERROR)) as server, Client("sandbox", base_url=server.url) as api:
            with pytest.raises(ServerFault):
                await policy.repeat(lambda: api.add(STOP, NUMBER), asyncio.sleep, lambda: False)
            return len(server.calls)

    assert 2 <= asyncio.run(go()) <= 40


def test_an_answer_too_big_is_not_repeated() -> None:
    """Reading a list again would fetch the bomb again."""

    async def go(url: str) -> None:
        async with Client("sandbox", base_url=url) as api:
            await fetch(api, STOP, RetryPolicy())

    with BombServer({"GET list": LISTS["one-text-gzip"]}).running() as server, pytest.raises(AnswerTooBig):
        asyncio.run(go(server.url))
    assert server.calls == ["GET list"]


def answer_to_post(status: int, body: str) -> Answer | RemoteError:
    async def go() -> Answer | RemoteError:
        async with FaultyServer(always(bad.answering(status, body))) as server:  # noqa: SIM117
            async with Client("sandbox", base_url=server.url) as api:
                try:
                    return await api.add(STOP, NUMBER)
                except RemoteError as error:
                    return error

    return asyncio.run(go())


@pytest.mark.parametrize("code", [str(2**63), str(-(2**63) - 1), "9" * 1000, '"9999999"', "true", "1.5"])
def test_a_code_that_no_database_holds_is_none(code: str) -> None:
    """A vendor's code beyond 64 bits counts as no code at all."""
    error = answer_to_post(400, f'{{"code": {code}, "error": "x"}}')
    assert isinstance(error, RemoteError)
    assert error.api_code is None


def test_the_largest_code_is_kept() -> None:
    """A code of 63 bits is told as it is."""
    error = answer_to_post(400, f'{{"code": {2**63 - 1}}}')
    assert isinstance(error, RemoteError)
    assert error.api_code == 2**63 - 1


def test_ids_and_messages_are_cut() -> None:
    """An id of 400 KB and a message of 400 KB come out short."""
    answer = answer_to_post(200, json.dumps({"id": "a" * 400_000}))
    assert isinstance(answer, Answer)
    assert len(answer.remote_id) == 128
    error = answer_to_post(400, json.dumps({"code": 11, "error": "b" * 400_000}))
    assert len(str(error)) < 400


@pytest.mark.parametrize("credits", ["1e308", "9" * 400, "true", '"5"'])
def test_odd_credits_are_no_crash(credits: str) -> None:
    """Credits that are no finite number are left out."""

    async def go() -> float | None:
        fault = bad.answering(200, f'{{"credits": {credits}}}')
        async with FaultyServer(always(fault)) as server, Client("sandbox", base_url=server.url) as api:
            return (await api.account()).credits

    try:
        found = asyncio.run(go())
    except ServerFault:  # a number that no JSON reader takes
        return
    assert found == (1e308 if credits == "1e308" else None)


@pytest.mark.parametrize(
    "identifier", [NUMBER + " " * 200, NUMBER + "0" * 200, "0600000000" + " " * 100 + "x" * 100, "(" * 200 + NUMBER]
)
def test_an_identifier_too_long_to_be_one_is_no_number(identifier: str) -> None:
    """A text of more than 128 characters is kept, cut, as a malformed entry, and never read as a number."""

    async def go() -> Snapshot:
        body = json.dumps([{"identifier": identifier, "id": "1" * 500}, {"identifier": NUMBER, "id": "2"}])
        async with FaultyServer(always(bad.answering(200, body))) as server:  # noqa: SIM117
            async with Client("sandbox", base_url=server.url) as api:
                return await api.fetch(STOP)

    entries = asyncio.run(go()).entries
    assert entries["number"].tolist() == [0, 33600000000]
    assert entries["identifier"].str.len().tolist() == [128, 12]
    assert entries["remote_id"].str.len().tolist() == [128, 1]


def test_localhost_is_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """`localhost` is dialled without asking the name service, which may know another machine by that name."""

    def refuse(host: object, *_rest: object, **_more: object) -> object:
        raise AssertionError(f"{host!r} was looked up")

    async def go() -> float | None:
        async with FaultyServer() as server:
            monkeypatch.setattr(socket, "getaddrinfo", refuse)
            async with Client("sandbox", base_url=f"http://localhost:{server.port}") as api:
                return (await api.account()).credits

    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    assert asyncio.run(go()) == 12.5

"""The client against a server that misbehaves on the wire: every fault is told for what it is, none is repeated."""

from __future__ import annotations

import asyncio

import pytest

from ptx_bulk.errors import (
    AccessRefused,
    NetworkFault,
    NumberRefused,
    RemoteError,
    ServerFault,
    Throttled,
    WrongAddress,
)
from ptx_bulk.model import ListKind
from ptx_bulk.remote import Answer, Client
from tests.faults import Fault, FaultyServer, always, scripted
from tests.faults import misbehaviour as bad

NUMBER = "+33600000000"
STOP = ListKind.STOP
TIMEOUT = 0.5


def client(server: FaultyServer, key: str = "sandbox", timeout: float = TIMEOUT) -> Client:
    return Client(key, base_url=server.url, timeout=timeout)


def one_call(fault: Fault, call: str, preload: bool = False) -> tuple[object, FaultyServer]:
    """The result or error of one call that meets the fault, and the server as witness."""

    async def go() -> tuple[object, FaultyServer]:
        async with FaultyServer(always(fault)) as server, client(server) as api:
            if preload:
                server.preload(STOP, [NUMBER, "+33600000001", "+33600000002"])
            try:
                match call:
                    case "add":
                        return await api.add(STOP, NUMBER), server
                    case "remove":
                        return await api.remove(STOP, NUMBER), server
                    case "account":
                        return await api.account(), server
                    case _:
                        return await api.fetch(STOP), server
            except RemoteError as error:
                return error, server

    return asyncio.run(go())


SERVER_FAULTS = [
    bad.ERROR,
    bad.BAD_GATEWAY,
    bad.UNAVAILABLE,
    bad.HTML_OK,
    bad.GARBAGE_OK,
    bad.NOT_HTTP,
    bad.BROKEN_GZIP,
]
LOST = [
    bad.HANG,
    bad.HANG_AFTER,
    bad.RESET_BEFORE,
    bad.RESET_AFTER,
    bad.CLOSE_BEFORE,
    bad.CLOSE_AFTER,
]


@pytest.mark.parametrize("call", ["add", "remove", "fetch", "account"])
@pytest.mark.parametrize("fault", SERVER_FAULTS, ids=repr)
def test_answers_outside_the_documents_are_server_faults(fault: Fault, call: str) -> None:
    """5xx, web pages, garbage and damaged compression are ServerFault, whatever was called."""
    error, server = one_call(fault, call)
    assert isinstance(error, ServerFault)
    assert len(server.calls) == 1


@pytest.mark.parametrize("call", ["add", "remove", "fetch", "account"])
@pytest.mark.parametrize("fault", [bad.REDIRECT, bad.NO_LIST, bad.NOT_ALLOWED], ids=repr)
def test_answers_about_the_address_name_it(fault: Fault, call: str) -> None:
    """A redirect, code 60 or 405 is WrongAddress with the base URL in its sentence, whatever was called."""
    error, server = one_call(fault, call)
    assert isinstance(error, WrongAddress)
    assert server.url in str(error)
    assert len(server.calls) == 1


@pytest.mark.parametrize("call", ["add", "remove", "fetch", "account"])
@pytest.mark.parametrize("fault", LOST, ids=repr)
def test_lost_answers_are_in_doubt(fault: Fault, call: str) -> None:
    """A call whose answer never came may have been processed, and the client itself does not send it again."""
    error, server = one_call(fault, call, preload=call == "remove")
    assert isinstance(error, NetworkFault)
    assert error.sent
    assert len(server.calls) == 1


@pytest.mark.parametrize(
    "fault",
    [
        bad.CUT_CHUNKS,
        bad.NO_LAST_CHUNK,
        bad.LENGTH_TOO_LONG,
        bad.LENGTH_TOO_SHORT,
        bad.CUT_GZIP,
        bad.CUT_UNTIL_CLOSE,
        bad.EMPTY_OBJECT_OK,
        bad.answering(200, "null"),
        bad.answering(200, ""),
        bad.answering(200, '"[]"'),
        bad.answering(200, "[1, 2]"),
        bad.answering(204),
        bad.answering(206, "[]"),
    ],
    ids=repr,
)
def test_a_list_that_is_cut_off_is_never_a_shorter_list(fault: Fault) -> None:
    """However a list is cut short or wrapped, reading it is an error."""
    error, _server = one_call(fault, "fetch", preload=True)
    assert isinstance(error, ServerFault | NetworkFault)


@pytest.mark.parametrize(
    "fault", [bad.CUT_CHUNKS, bad.LENGTH_TOO_LONG, bad.LENGTH_TOO_SHORT, bad.EMPTY_OBJECT_OK], ids=repr
)
def test_a_damaged_answer_to_an_addition_is_no_success(fault: Fault) -> None:
    """An addition counts only when its answer came whole and names an id."""
    error, _server = one_call(fault, "add")
    assert isinstance(error, ServerFault | NetworkFault)


@pytest.mark.parametrize("fault", [bad.CHUNKED, bad.GZIPPED, bad.UNTIL_CLOSE], ids=repr)
def test_every_sound_framing_is_understood(fault: Fault) -> None:
    """Chunks, compression and a body that ends with the connection carry a list whole."""
    snapshot, _server = one_call(fault, "fetch", preload=True)
    assert snapshot.numbers.tolist() == [33600000000, 33600000001, 33600000002]


@pytest.mark.parametrize("call", ["add", "remove", "fetch", "account"])
def test_the_words_of_a_status_line_decide_nothing(call: str) -> None:
    """An answer means what its status and body say, whatever bytes its server writes behind the status."""
    result, _server = one_call(bad.LATIN_1_REASON, call, preload=call != "add")
    assert not isinstance(result, RemoteError), result
    refused, _server = one_call(bad.LATIN_1_REFUSAL, call)
    assert isinstance(refused, AccessRefused)


@pytest.mark.parametrize("call", ["add", "fetch"])
def test_a_drip_does_not_hold_the_client(call: str) -> None:
    """An answer that arrives a byte at a time ends as NetworkFault after the time allowed."""
    error, _server = one_call(bad.SLOW_DRIP, call, preload=True)
    assert isinstance(error, NetworkFault)
    assert error.sent


def test_the_connection_after_a_fault_is_a_clean_one() -> None:
    """Bytes left over from a broken answer never become the next call's answer."""
    faults = [bad.LENGTH_TOO_SHORT, bad.CUT_GZIP, bad.HANG, bad.RESET_AFTER, bad.NOT_HTTP, bad.ERROR]

    async def go() -> list[object]:
        results: list[object] = []
        async with FaultyServer() as server:
            script = [step for fault in faults for step in (fault, None)]
            server.behaviour = scripted(script)
            async with Client("sandbox", base_url=server.url, timeout=TIMEOUT, connections=1) as api:
                for at in range(len(script)):
                    try:
                        results.append(await api.add(STOP, f"+3360000{at:04d}"))
                    except RemoteError as error:
                        results.append(error)
            return [*results, server]

    *results, server = asyncio.run(go())
    assert all(isinstance(result, RemoteError) for result in results[0::2])
    for at, result in enumerate(results[1::2]):
        identifier = f"+3360000{2 * at + 1:04d}"
        assert isinstance(result, Answer)
        assert result.remote_id == server.lists[STOP][identifier]


@pytest.mark.parametrize(
    ("fault", "low", "high"),
    [
        (bad.throttled("7"), 7, 7),
        (bad.throttled("1.5"), 1.5, 1.5),
        (bad.throttled("-3"), 0, 0),
        (bad.throttled("0"), 0, 0),
        (bad.throttled_until(30), 28, 31),
        (bad.throttled_until(-3600), 0, 0),
    ],
    ids=repr,
)
def test_retry_after_is_understood(fault: Fault, low: float, high: float) -> None:
    """Retry-After comes as seconds or as a date against the server's clock, and never below zero."""
    error, _server = one_call(fault, "add")
    assert isinstance(error, Throttled)
    assert error.retry_after is not None
    assert low <= error.retry_after <= high


@pytest.mark.parametrize("value", ["", "soon", "1e400", "nan", "99999999999999999999", "Mon, 99 Foo 20"])
def test_retry_after_garbage_announces_nothing(value: str) -> None:
    """A Retry-After that cannot be read is no announcement, and no crash."""
    error, _server = one_call(bad.throttled(value), "add")
    assert isinstance(error, Throttled)
    assert error.retry_after is None


def test_retry_after_dates_follow_the_servers_clock() -> None:
    """A server whose clock is years off still announces the wait it means."""
    date, until = "Fri, 08 Jan 2016 15:11:02 GMT", "Fri, 08 Jan 2016 15:11:14 GMT"
    reply = f"HTTP/1.1 429 Too Many Requests\r\nDate: {date}\r\nRetry-After: {until}\r\nContent-Length: 0\r\n\r\n"
    error, _server = one_call(Fault("old-clock", lambda _reply: reply.encode()), "add")
    assert isinstance(error, Throttled)
    assert error.retry_after == 12


def test_a_wrong_key_is_access_refused() -> None:
    """A refused key is AccessRefused on every call, with status and code."""

    async def go() -> None:
        async with FaultyServer() as server, client(server, key="wrong-key") as api:
            for call in (api.add(STOP, NUMBER), api.remove(STOP, NUMBER), api.fetch(STOP), api.account()):
                with pytest.raises(AccessRefused) as caught:
                    await call
                assert (caught.value.http_status, caught.value.api_code) == (401, 72)

    asyncio.run(go())


def test_the_key_appears_in_no_error() -> None:
    """A server that echoes the key gets it into no sentence, no representation and no chained exception."""
    key = "s3cr3t-k3y"
    bodies = [
        answer
        for body in (f'{{"code": 11, "error": "bad key {key} {"x" * 500}"}}', f"<b>{key}</b>", f"{key}\x1b[31m")
        for answer in (bad.answering(400, body), bad.answering(500, body), bad.answering(200, body))
    ]

    async def go() -> None:
        faults = [*bodies, bad.NOT_HTTP, bad.RESET_BEFORE]
        async with FaultyServer(scripted(faults)) as server, client(server, key=key) as api:
            assert key not in repr(api)
            for _fault in faults:
                with pytest.raises(RemoteError) as caught:
                    await api.add(STOP, NUMBER)
                error = caught.value
                assert error.__cause__ is None
                assert error.__context__ is None
                assert key not in repr(error) + repr(vars(error))
                assert len(str(error)) < 400
                assert str(error).isprintable()

    asyncio.run(go())


@pytest.mark.parametrize("status", [404, 204])
def test_both_ways_to_answer_an_absent_number_are_no_error(status: int) -> None:
    """A removal of what is not there is done where the API answers 204, and a claim where it answers 404."""

    async def go() -> Answer:
        async with FaultyServer(absent_status=status) as server, client(server) as api:
            return await api.remove(STOP, NUMBER)

    answer = asyncio.run(go())
    assert (answer.http_status, answer.claimed) == (status, status == 404)


@pytest.mark.parametrize("code", [12, 13, 14, 15])
def test_a_listed_number_is_a_claim(code: int) -> None:
    """Codes 12 to 15 on an addition say that the wished state held before, in the API's own words."""

    async def go() -> Answer:
        async with FaultyServer(listed_code=code) as server, client(server) as api:
            await api.add(STOP, NUMBER)
            return await api.add(STOP, NUMBER)

    answer = asyncio.run(go())
    assert (answer.claimed, answer.http_status, answer.api_code) == (True, 400, code)
    assert f"error {code}" in answer.message


def test_a_refused_number_is_told_with_code_and_text() -> None:
    """A number that the API refuses raises NumberRefused with the API's own code and words."""
    error, _server = one_call(bad.answering(400, '{"code": 11, "message": "Numéro invalide"}'), "add")
    assert isinstance(error, NumberRefused)
    assert error.api_code == 11
    assert "Numéro invalide" in str(error)


def test_calls_beyond_the_connections_wait_their_turn() -> None:
    """More calls than connections are all answered; waiting for a turn costs no call its time limit."""

    async def go() -> int:
        async with (
            FaultyServer(always(bad.CHUNKED)) as server,
            # A busy machine may take half a second to open a connection; that is not what is asked here.
            Client("sandbox", base_url=server.url, connections=4, timeout=8 * TIMEOUT) as api,
        ):
            await asyncio.gather(*(api.add(STOP, f"+336{at:08d}") for at in range(300)))
            return len(server.lists[STOP])

    assert asyncio.run(go()) == 300

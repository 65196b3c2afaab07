"""The simulator behaves as the API is known to, seen through plain HTTP calls in process."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from ptx_bulk.access import SANDBOX_URL
from ptx_bulk.errors import ConfigurationError, NetworkFault, RemoteError
from ptx_bulk.model import ListKind
from ptx_bulk.remote import Client
from ptx_bulk.sandbox import FaultKind, create_app, transport
from ptx_bulk.sandbox.faults import LIES

KEY = {"X-Primotexto-ApiKey": "sandbox"}
STOP = "/v2/unsubscribers/default/contacts"
NPAI = "/v2/bounces/default/contacts"
NUMBER = "+33600000000"
ENCODED = "%2B33600000000"


def talk(use: Callable[[httpx.AsyncClient], Awaitable[Any]], state: Path | None = None, **options: Any) -> Any:
    async def go() -> Any:
        app = create_app(state, **options)
        async with httpx.AsyncClient(transport=transport(app), base_url=SANDBOX_URL, headers=KEY) as http:
            return await use(http)

    return asyncio.run(go())


def rows(state: Path, query: str) -> list[Any]:
    connection = sqlite3.connect(state)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


@pytest.mark.parametrize("path", [STOP, NPAI])
def test_the_life_of_an_entry(path: str) -> None:
    """An entry is added with an id, shown as documented, removed with 204, and then shown as deleted."""

    async def use(http: httpx.AsyncClient) -> None:
        first = await http.post(path, json={"identifier": NUMBER})
        assert first.status_code == 200
        assert first.headers["content-type"] == "application/json;charset=UTF-8"
        remote_id = first.json()["id"]
        assert len(remote_id) == 24
        assert (await http.get(path)).json() == [{"deleted": False, "id": remote_id, "identifier": NUMBER}]
        gone = await http.delete(f"{path}?identifier={ENCODED}")
        assert (gone.status_code, gone.content) == (204, b"")
        assert (await http.get(path)).json() == [{"deleted": True, "id": remote_id, "identifier": NUMBER}]
        again = await http.post(path, json={"identifier": NUMBER})
        assert again.json()["id"] != remote_id

    talk(use)


@pytest.mark.parametrize(("path", "list_path"), [("/sandbox/unsubscribers", STOP), ("/sandbox/bounces", NPAI)])
def test_what_comes_by_itself_has_a_history(path: str, list_path: str) -> None:
    """A reply or a bounce is shown with its date and campaign until the entry is removed; an addition has neither."""

    async def use(http: httpx.AsyncClient) -> None:
        reply = {"identifier": NUMBER, "campaignId": 'sp"ring', "date": 1_769_854_830_500}
        remote_id = (await http.post(path, json=reply)).json()["id"]
        history = [{"date": 1_769_854_830_500, "campaignId": 'sp"ring'}]
        entry = {"deleted": False, "id": remote_id, "identifier": NUMBER, "history": history}
        assert (await http.get(list_path)).json() == [entry]
        await http.delete(f"{list_path}?identifier={ENCODED}")
        anew = (await http.post(list_path, json={"identifier": NUMBER})).json()["id"]
        assert (await http.get(list_path)).json() == [{"deleted": False, "id": anew, "identifier": NUMBER}]
        for method in ("GET", "DELETE"):
            assert (await http.request(method, path)).status_code == 405

    talk(use)


def test_a_state_file_from_before_there_were_histories_is_used(tmp_path: Path) -> None:
    """A state file without dates is opened, and its entries stay."""
    state = tmp_path / "old.db"
    old = sqlite3.connect(state)
    old.execute(
        "CREATE TABLE entries (list TEXT NOT NULL, identifier TEXT NOT NULL, id TEXT NOT NULL, "
        "deleted INTEGER NOT NULL DEFAULT 0, adds INTEGER NOT NULL DEFAULT 1, removes INTEGER NOT NULL DEFAULT 0, "
        "PRIMARY KEY (list, identifier)) WITHOUT ROWID"
    )
    old.execute("INSERT INTO entries (list, identifier, id) VALUES ('stop', ?, 'a')", (NUMBER,))
    old.commit()
    old.close()

    async def use(http: httpx.AsyncClient) -> None:
        assert (await http.get(STOP)).json() == [{"deleted": False, "id": "a", "identifier": NUMBER}]

    talk(use, state)


def test_the_lists_are_two() -> None:
    """What is on STOP is not on NPAI."""

    async def use(http: httpx.AsyncClient) -> None:
        await http.post(STOP, json={"identifier": NUMBER})
        assert (await http.get(NPAI)).json() == []

    talk(use)


def test_national_and_international_spelling_are_one_entry() -> None:
    """0600000000 is stored as +33600000000 and found under both."""

    async def use(http: httpx.AsyncClient) -> None:
        first = await http.post(STOP, json={"identifier": "0600000000"})
        second = await http.post(STOP, json={"identifier": NUMBER})
        assert first.json() == second.json()
        assert [entry["identifier"] for entry in (await http.get(STOP)).json()] == [NUMBER]
        assert (await http.delete(f"{STOP}?identifier=0600000000")).status_code == 204

    talk(use)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", 73),
        (b"{", 73),
        (b"\xff", 73),
        (b"[]", 10),
        (b"{}", 10),
        (b'{"identifier": ""}', 10),
        (b'{"identifier": null}', 10),
        (b'{"identifier": 33600000000}', 11),
        (b'{"identifier": "abc"}', 11),
        (b'{"identifier": "+3360000000"}', 11),
        (b'{"identifier": "+336000000000"}', 11),
        (b'{"identifier": "06 00 00 00 00"}', 11),
        (b'{"identifier": "33600000000"}', 11),
        (b'{"identifier": "+33123456789"}', 19),
        (b'{"identifier": "0123456789"}', 19),
        (b'{"identifier": "+33912345678"}', 19),
    ],
)
def test_refused_additions(body: bytes, code: int) -> None:
    """What the API would not take is refused with the vendor's code and a text."""

    async def use(http: httpx.AsyncClient) -> None:
        answer = await http.post(STOP, content=body)
        assert answer.status_code == 400
        assert answer.json()["code"] == code
        assert answer.json()["error"]
        assert (await http.get(STOP)).json() == []

    talk(use)


def test_strict_answers_code_15_to_a_listed_number() -> None:
    """Where the vendor leaves it open, a listed number gets 200 with its id, or code 15 when strict."""

    async def use(http: httpx.AsyncClient) -> None:
        await http.post(STOP, json={"identifier": NUMBER})
        answer = await http.post(STOP, json={"identifier": NUMBER})
        assert (answer.status_code, answer.json()["code"]) == (400, 15)

    talk(use, strict=True)


@pytest.mark.parametrize("query", ["", "?identifier=", "?other=1"])
def test_a_removal_without_identifier_is_refused(query: str) -> None:
    """A DELETE that names nothing removes nothing."""

    async def use(http: httpx.AsyncClient) -> None:
        await http.post(STOP, json={"identifier": NUMBER})
        answer = await http.delete(STOP + query)
        assert (answer.status_code, answer.json()["code"]) == (400, 10)

    talk(use)


@pytest.mark.parametrize("query", ["+33600000000", "%2B33600000001", "x%00y", "%FF"])
def test_what_is_not_listed_is_not_found(query: str) -> None:
    """A bare + decodes to a blank and finds nothing, as does any other spelling that is not listed."""

    async def use(http: httpx.AsyncClient) -> None:
        await http.post(STOP, json={"identifier": NUMBER})
        answer = await http.delete(httpx.URL(f"{SANDBOX_URL}{STOP}?identifier={query}"))
        assert answer.status_code == 404
        assert answer.json()["code"] == 94

    talk(use)


def test_keys_paths_and_methods_are_checked() -> None:
    """A wrong key is 401 with code 72, an unknown path 404 with code 60, another method 405."""

    async def use(http: httpx.AsyncClient) -> None:
        wrong = await http.get(STOP, headers={"X-Primotexto-ApiKey": "clé".encode()})
        assert (wrong.status_code, wrong.json()["code"]) == (401, 72)
        lost = await http.get("/v2/unsubscribers/defaults/contacts")
        assert (lost.status_code, lost.json()["code"]) == (404, 60)
        assert (await http.put(STOP)).status_code == 405
        assert (await http.get("/v2/account/stats")).json()["credits"] > 0

    talk(use)


@pytest.mark.slow
def test_a_long_list_comes_whole() -> None:
    """A list of many pages arrives complete, compressed or not."""
    numbers = [f"+336{at:08d}" for at in range(12_345)]

    async def use(http: httpx.AsyncClient) -> None:
        for number in numbers:
            await http.post(STOP, json={"identifier": number})
        for encoding in ("gzip", "identity"):
            answer = await http.get(STOP, headers={"Accept-Encoding": encoding})
            assert answer.headers.get("content-encoding", "identity") == encoding
            assert [entry["identifier"] for entry in answer.json()] == numbers

    talk(use)


def test_the_rate_limit_announces_its_wait() -> None:
    """Calls above the limit get 429, a code and Retry-After, and change nothing."""

    async def use(http: httpx.AsyncClient) -> None:
        answers = [await http.post(STOP, json={"identifier": f"+336{at:08d}"}) for at in range(40)]
        refused = [answer for answer in answers if answer.status_code == 429]
        assert refused
        assert all(answer.headers["retry-after"] == "1" for answer in refused)
        assert refused[0].json()["code"] == 76

    talk(use, rate_limit=5)


def test_the_record_is_a_witness(tmp_path: Path) -> None:
    """Every call is written down with what it did, and entries count their real changes."""
    state = tmp_path / "sandbox.db"

    async def use(http: httpx.AsyncClient) -> None:
        for identifier in (NUMBER, NUMBER, "abc"):
            await http.post(STOP, json={"identifier": identifier})
        for _time in range(2):
            await http.delete(f"{STOP}?identifier={ENCODED}")
        await http.get(NPAI)
        await http.get("/v2/account/stats")

    talk(use, state, record=True)
    assert rows(state, "SELECT method, list, identifier, effect, fault FROM access ORDER BY seq") == [
        ("POST", "stop", NUMBER, "added", ""),
        ("POST", "stop", NUMBER, "already", ""),
        ("POST", "stop", "abc", "refused", ""),
        ("DELETE", "stop", NUMBER, "removed", ""),
        ("DELETE", "stop", NUMBER, "absent", ""),
        ("GET", "npai", "", "listed", ""),
        ("GET", "", "", "account", ""),
    ]
    assert rows(state, "SELECT list, identifier, deleted, adds, removes FROM entries") == [("stop", NUMBER, 1, 1, 1)]


@pytest.mark.parametrize("kind", [kind for kind in FaultKind if kind not in LIES])
def test_faults_in_process_are_the_clients_errors(kind: FaultKind, tmp_path: Path) -> None:
    """Each fault reaches the client as the error it would be on the wire, with or without its effect."""
    state = tmp_path / "sandbox.db"

    async def go() -> RemoteError:
        app = create_app(state, faults={kind: 1.0}, record=True)
        async with Client("sandbox", base_url=SANDBOX_URL, transport=transport(app), timeout=0.2) as api:
            with pytest.raises(RemoteError) as caught:
                await api.add(ListKind.STOP, NUMBER)
            return caught.value

    error = asyncio.run(go())
    lost = kind in {FaultKind.RESET_BEFORE, FaultKind.RESET_AFTER, FaultKind.HANG}
    assert isinstance(error, NetworkFault) == lost
    assert getattr(error, "sent", True)
    effect = "added" if kind is FaultKind.RESET_AFTER else "none"
    assert rows(state, "SELECT identifier, effect, fault FROM access") == [(NUMBER, effect, kind.value)]


@pytest.mark.slow
def test_faults_come_in_their_shares_and_repeatably() -> None:
    """A rate is the share of the calls, and a seed makes the same calls fail again."""

    async def use(http: httpx.AsyncClient) -> list[int]:
        return [(await http.get("/v2/account/stats")).status_code for _call in range(1000)]

    rates = {FaultKind.ERROR: 0.1, FaultKind.THROTTLE: 0.2}
    first, second = talk(use, faults=rates, seed=7), talk(use, faults=rates, seed=7)
    assert first == second
    assert 60 < first.count(500) < 140
    assert 150 < first.count(429) < 250


@pytest.mark.parametrize(
    "options",
    [
        {"faults": {FaultKind.ERROR: 1.5}},
        {"faults": {FaultKind.ERROR: -0.1}},
        {"faults": {FaultKind.ERROR: 0.6, FaultKind.HANG: 0.6}},
        {"faults": {FaultKind.ERROR: float("nan")}},
        {"rate_limit": 0},
    ],
)
def test_impossible_settings_are_refused(options: dict[str, Any]) -> None:
    """Rates outside 0 to 1 and a limit below 1 are configuration errors."""
    with pytest.raises(ConfigurationError):
        create_app(None, **options)


def test_an_unusable_state_file_is_refused(tmp_path: Path) -> None:
    """A state that is a folder or no database is a configuration error that names it, and is not kept open."""
    garbage = tmp_path / "garbage.db"
    garbage.write_bytes(b"this is no database, by far" * 100)
    misspelled = tmp_path / "misspelled.db"
    create_app(misspelled).state.store.release()
    content = misspelled.read_bytes()
    misspelled.write_bytes(content.replace(b"CREATE TABLE", b"CREATE \xc7\xc7BLE", 1))
    for path in (tmp_path, garbage, misspelled):
        with pytest.raises(ConfigurationError, match=path.name) as refused:
            create_app(path)
        assert refused.value.__traceback__  # while the error is held, no collector can have closed the file
        assert str(garbage) not in [file.path for file in psutil.Process().open_files()]


def test_the_state_outlives_the_application(tmp_path: Path) -> None:
    """What one run did, the next one finds; the application can be used again after its transport was closed."""
    state = tmp_path / "folder" / "sandbox.db"

    async def fill(http: httpx.AsyncClient) -> None:
        await http.post(STOP, json={"identifier": NUMBER})

    async def go() -> list[int]:
        app = create_app(state)
        sizes = []
        for _time in range(2):
            async with Client("sandbox", base_url=SANDBOX_URL, transport=transport(app)) as api:
                sizes.append(len(await api.fetch(ListKind.STOP)))
        return sizes

    talk(fill, state)
    assert asyncio.run(go()) == [1, 1]


def test_repeated_slashes_are_one() -> None:
    """A path with doubled slashes, as the vendor's PHP library calls it, is the path with single ones."""

    async def use(http: httpx.AsyncClient) -> None:
        added = await http.post(f"/{STOP.replace('/', '//')}", json={"identifier": NUMBER, "id": None})
        assert added.status_code == 200
        assert [entry["identifier"] for entry in (await http.get(STOP.replace("/v2/", "/v2//"))).json()] == [NUMBER]
        assert (await http.get("/v2//account///stats")).status_code == 200
        assert (await http.get("/v2/unsubscribersdefault/contacts")).status_code == 404

    talk(use)


def test_the_account_counts_its_lists() -> None:
    """`account/stats` has every documented count, and those of the lists are the entries that are on them."""

    async def use(http: httpx.AsyncClient) -> None:
        for path, number in ((STOP, "+33600000001"), (STOP, "+33600000002"), (NPAI, "+33600000003")):
            await http.post(path, json={"identifier": number})
        await http.delete(f"{STOP}?identifier=%2B33600000002")
        stats = (await http.get("/v2/account/stats")).json()
        assert set(stats) == {
            *("credits", "unsubscribers", "bounces", "sent", "delivered", "submitted", "undelivered"),
        }
        assert (stats["unsubscribers"], stats["bounces"], stats["sent"]) == (1, 1, 0)

    talk(use)


def test_an_addition_is_refused_as_listed(tmp_path: Path) -> None:
    """`refused-as-listed` says of an addition that it is there, by each code in turn, and the list never gets it."""
    state = tmp_path / "s.db"

    async def use(http: httpx.AsyncClient) -> None:
        answers = [await http.post(STOP, json={"identifier": NUMBER}) for _ in range(5)]
        assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [
            (400, code) for code in (15, 12, 13, 14, 15)
        ]
        assert (await http.get(STOP)).json() == []
        assert (await http.delete(f"{STOP}?identifier={ENCODED}")).status_code == 404

    talk(use, state, faults={FaultKind.REFUSED_AS_LISTED: 1}, record=True)
    assert rows(state, "SELECT effect, fault FROM access WHERE method = 'POST'") == [("none", "refused-as-listed")] * 5


def test_a_removal_is_kept() -> None:
    """`kept` says of a removal that there is no such entry, and the entry stays."""

    async def use(http: httpx.AsyncClient) -> None:
        assert (await http.post(STOP, json={"identifier": NUMBER})).status_code == 200
        assert (await http.delete(f"{STOP}?identifier={ENCODED}")).status_code == 404
        assert [entry["deleted"] for entry in (await http.get(STOP)).json()] == [False]

    talk(use, faults={FaultKind.KEPT: 1})


def test_lies_are_told_at_their_rate() -> None:
    """A lie about additions leaves removals alone, and the other way round, each at its own rate."""

    async def use(http: httpx.AsyncClient) -> None:
        numbers = [f"+336{at:08d}" for at in range(300)]
        refused = [await http.post(STOP, json={"identifier": number}) for number in numbers]
        assert 60 < sum(answer.status_code == 400 for answer in refused) < 120
        listed = [entry["identifier"] for entry in (await http.get(STOP)).json()]
        assert len(listed) == sum(answer.status_code == 200 for answer in refused)
        removed = [await http.delete(f"{STOP}?identifier=%2B{number[1:]}") for number in listed]
        kept = sum(answer.status_code == 404 for answer in removed)
        assert 10 < kept < 80
        assert sum(not entry["deleted"] for entry in (await http.get(STOP)).json()) == kept

    talk(use, faults={FaultKind.REFUSED_AS_LISTED: 0.3, FaultKind.KEPT: 0.2}, seed=7)


def test_changes_show_late() -> None:
    """With `late`, a GET shows additions, removals and re-additions only so many seconds after they were made."""

    async def use(http: httpx.AsyncClient) -> None:
        async def shown() -> list[tuple[str, bool]]:
            return [(entry["identifier"], entry["deleted"]) for entry in (await http.get(STOP)).json()]

        first = (await http.post(STOP, json={"identifier": NUMBER})).json()["id"]
        assert await shown() == []
        await asyncio.sleep(0.6)
        assert await shown() == [(NUMBER, False)]
        assert (await http.delete(f"{STOP}?identifier={ENCODED}")).status_code == 204
        assert await shown() == [(NUMBER, False)]
        again = (await http.post(STOP, json={"identifier": NUMBER})).json()["id"]
        assert (await http.get(STOP)).json()[0]["id"] == first
        await asyncio.sleep(0.6)
        assert (await http.get(STOP)).json()[0]["id"] == again != first

    talk(use, late_s=0.5)


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf")])
def test_impossible_lateness_is_refused(seconds: float) -> None:
    """Seconds that are none are a configuration error."""
    with pytest.raises(ConfigurationError, match="late"):
        create_app(None, late_s=seconds)

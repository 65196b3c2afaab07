"""The simulator over HTTP, in a process of its own, with the client against it."""

from __future__ import annotations

import asyncio
import re
import signal
import sys
from pathlib import Path

import pytest

from ptx_bulk.errors import ConfigurationError, NetworkFault, RemoteError
from ptx_bulk.model import ListKind
from ptx_bulk.remote import Client
from ptx_bulk.sandbox import FaultKind, create_app, serve
from ptx_bulk.sandbox.faults import LIES
from tests.sandbox.child import rows, served, stop

STOP = ListKind.STOP
NUMBER = "+33600000000"


@pytest.mark.slow
def test_the_client_and_the_server_agree(tmp_path: Path) -> None:
    """Adding, reading and removing over HTTP does what it says, and a stop is clean and silent."""
    with served(tmp_path / "s.db") as (url, process):
        assert re.fullmatch(r"http://127\.0\.0\.1:[0-9]+", url)

        async def go() -> None:
            async with Client("sandbox", base_url=url) as api:
                added = await asyncio.gather(*(api.add(STOP, f"+336{at:08d}") for at in range(300)))
                assert all(not answer.claimed for answer in added)
                snapshot = await api.fetch(STOP)
                assert snapshot.ids_of(snapshot.numbers)[33600000007] == added[7].remote_id
                removed = await asyncio.gather(*(api.remove(STOP, f"+336{at:08d}") for at in range(250)))
                assert all(not answer.claimed for answer in removed)
                after = await api.fetch(STOP)
                assert (len(after), after.deleted) == (50, 250)
                clock = (await api.account()).server_time
                assert clock is not None
                assert abs(clock - after.taken_at) < 60

        asyncio.run(go())
        assert stop(process) == ("stopped\n", "")
        assert process.returncode == 0


@pytest.mark.skipif(sys.platform == "win32", reason="a child process cannot be sent Ctrl-C alone on Windows")
def test_ctrl_c_stops_the_server_even_while_it_hangs(tmp_path: Path) -> None:
    """Ctrl-C ends the server in order while a call is being left without an answer."""
    with served(tmp_path / "s.db", "hang=1") as (url, process):

        async def go() -> NetworkFault:
            async with Client("sandbox", base_url=url, timeout=0.3) as api:
                call = asyncio.create_task(api.add(STOP, NUMBER))
                await asyncio.sleep(0.1)
                process.send_signal(signal.SIGINT)
                with pytest.raises(NetworkFault) as caught:
                    await call
                return caught.value

        assert asyncio.run(go()).sent
        assert process.communicate(timeout=20) == ("stopped\n", "")
        assert process.returncode == 0


OFTEN = {FaultKind.RESET_AFTER, FaultKind.ERROR}


@pytest.mark.parametrize(
    "kind",
    [kind if kind in OFTEN else pytest.param(kind, marks=pytest.mark.slow) for kind in FaultKind if kind not in LIES],
)
def test_faults_on_the_wire_are_the_clients_errors(kind: FaultKind, tmp_path: Path) -> None:
    """Each fault is a real one over HTTP, and the server's record says whether the change was made."""
    state = tmp_path / "s.db"
    with served(state, f"{kind.value}=1") as (url, process):

        async def go() -> RemoteError:
            async with Client("sandbox", base_url=url, timeout=0.5) as api:
                with pytest.raises(RemoteError) as caught:
                    await api.remove(STOP, NUMBER)
                return caught.value

        error = asyncio.run(go())
        assert stop(process) == ("stopped\n", "")
    lost = kind in {FaultKind.RESET_BEFORE, FaultKind.RESET_AFTER, FaultKind.HANG}
    assert isinstance(error, NetworkFault) == lost
    assert getattr(error, "sent", True)
    effect = "absent" if kind is FaultKind.RESET_AFTER else "none"
    assert rows(state, "SELECT effect, fault FROM access") == [(effect, kind.value)]


@pytest.mark.slow
def test_two_processes_share_one_state(tmp_path: Path) -> None:
    """Two servers on one file never lose or double an addition."""
    state = tmp_path / "s.db"
    with served(state) as (one, first), served(state) as (other, second):

        async def go() -> int:
            async with Client("sandbox", base_url=one) as a, Client("sandbox", base_url=other) as b:
                numbers = [f"+336{at:08d}" for at in range(200)]
                answers = await asyncio.gather(*(api.add(STOP, number) for number in numbers for api in (a, b)))
                assert len({answer.remote_id for answer in answers}) == 200
                return len(await a.fetch(STOP))

        assert asyncio.run(go()) == 200
        stop(first)
        stop(second)
    assert rows(state, "SELECT effect, count(*) FROM access GROUP BY effect ORDER BY effect") == [
        ("added", 200),
        ("already", 200),
        ("listed", 1),
    ]


def test_a_port_in_use_is_told(tmp_path: Path) -> None:
    """A port that another program holds is a configuration error that names it and the option."""
    with served(tmp_path / "s.db") as (url, process):
        port = int(url.rpartition(":")[2])
        with pytest.raises(ConfigurationError, match=f"{port}.*--port"):
            serve(create_app(None), port=port, announce=lambda _url: None)
        stop(process)

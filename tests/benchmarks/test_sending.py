"""How fast changes go out: a whole `import` with journal and report, beside the ideal and the usual ways."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.conftest import ROOT

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(600)]
IN_FLIGHT = 64
PATH = "/v2/unsubscribers/default/contacts"
HEADERS = {"X-Primotexto-ApiKey": "sandbox", "Content-Type": "application/json"}


@contextlib.contextmanager
def serving(milliseconds: int) -> Iterator[int]:
    """The port of a fresh server whose answers take so long."""
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.lean_server", str(milliseconds)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    try:
        yield int(server.stdout.readline())
    finally:
        server.communicate(timeout=20)


def body(n: int) -> bytes:
    return b'{"identifier":"+33600%06d"}' % n


def timed(n: int, work: Callable[[], object]) -> float:
    """Calls a second."""
    began = time.perf_counter()
    work()
    return n / (time.perf_counter() - began)


async def in_flight(n: int, call: Callable[[int], Awaitable[object]]) -> None:
    """So many calls, 64 at a time."""
    numbers = iter(range(n))

    async def work() -> None:
        for number in numbers:
            await call(number)

    await asyncio.gather(*(work() for _worker in range(IN_FLIGHT)))


def bare_sockets(port: int, n: int) -> float:
    """What this machine and this server can do at most: HTTP written by hand, nothing looked at, nothing kept."""

    async def run() -> None:
        numbers = iter(range(n))

        async def work() -> None:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            for number in numbers:
                content = body(number)
                writer.write(
                    b"POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n%s"
                    % (PATH.encode(), len(content), content)
                )
                await reader.readuntil(b"}")
            writer.close()
            await writer.wait_closed()

        await asyncio.gather(*(work() for _worker in range(IN_FLIGHT)))

    return timed(n, lambda: asyncio.run(run()))


def plain_httpx(port: int, n: int) -> float:
    """The library as its manual shows it: one AsyncClient, its own transport, one shared pool."""

    async def run() -> None:
        limits = httpx.Limits(max_connections=IN_FLIGHT, max_keepalive_connections=IN_FLIGHT)
        async with httpx.AsyncClient(limits=limits, timeout=60, headers=HEADERS) as client:
            await in_flight(n, lambda number: client.post(f"http://127.0.0.1:{port}{PATH}", content=body(number)))

    return timed(n, lambda: asyncio.run(run()))


def one_at_a_time(port: int, n: int) -> float:
    """As in the vendor's samples: a connection and a wait for each number."""

    def run() -> None:
        for number in range(n):
            request = urllib.request.Request(f"http://127.0.0.1:{port}{PATH}", body(number), HEADERS)
            with urllib.request.urlopen(request) as answer:
                answer.read()

    return timed(n, run)


def whole_import(port: int, n: int, folder: Path) -> float:
    """`ptx-bulk import` from its start to its end: file, lists, journal, sending, verification, report."""
    path = folder / f"numbers-{port}.csv"
    path.write_text("Portable\n" + "".join(f"+33600{number:06d}\n" for number in range(n)))
    home = folder / f"home-{port}"
    command = [sys.executable, "-m", "ptx_bulk", "import", path.name, "--quiet"]
    extra = {"PTX_API_KEY": "sandbox", "PTX_BASE_URL": f"http://127.0.0.1:{port}", "PTX_HOME": str(home)}
    environment = {**os.environ, **extra, "PYTHONPATH": str(ROOT)}
    return timed(n, lambda: subprocess.run(command, cwd=folder, env=environment, check=True))


@pytest.mark.parametrize(
    ("milliseconds", "most"),
    [
        (50, {"ptx-bulk": 30_000, "httpx": 300, "single": 60}),
        (0, {"ptx-bulk": 40_000, "httpx": 1_000, "single": 1_000}),
    ],
)
def test_calls_a_second(milliseconds, most, tmp_path, capsys):
    """Every way is measured against a fresh server in the same run; the ideal is 64 calls in each answer's time."""
    rows = []
    with serving(milliseconds) as port:
        ideal = IN_FLIGHT * 1000 / milliseconds if milliseconds else bare_sockets(port, 60_000)
        rows.append((f"ideal ({'64 ÷ 50 ms' if milliseconds else 'bare sockets, nothing kept'})", ideal))
    with serving(milliseconds) as port:
        rows.append(("ptx-bulk import, from start to report", whole_import(port, most["ptx-bulk"], tmp_path)))
    with serving(milliseconds) as port:
        rows.append(("httpx.AsyncClient, one shared pool", plain_httpx(port, most["httpx"])))
    with serving(milliseconds) as port:
        rows.append(("one call at a time, as in the vendor's sample", one_at_a_time(port, most["single"])))
    with capsys.disabled():
        print(f"\n{milliseconds} ms answers, {IN_FLIGHT} in flight")
        for name, rate in rows:
            print(f"  {name:<48} {rate:>8,.0f} calls/s")

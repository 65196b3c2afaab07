"""Copies of input files: in a private room, for no longer than the program lives; the parsing child ends with us."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

import ptx_bulk
from ptx_bulk.system.scratch import Scratch, leftovers, sweep
from ptx_bulk.workbooks import ReadOptions, read
from tests.conftest import SAMPLES

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals and limits")
CHECK = (sys.executable, "-m", "ptx_bulk", "check")
# A process that reads standard input and stops there, its copy half made.
HOLDING = "from ptx_bulk.workbooks import read, ReadOptions; read(['-'], ReadOptions())"
# A parent whose child is given a pipe instead of a workbook: it waits in there for ever.
PARENT = """
import sys
from pathlib import Path
from ptx_bulk.workbooks.formats import READERS
from ptx_bulk.workbooks.guard.parent import parse_guarded
from ptx_bulk.workbooks.guard.sniffing import Format
from ptx_bulk.workbooks.sheets.limits import Limits
parse_guarded(Path(sys.argv[1]), READERS[Format.HTML], Path(sys.argv[2]), Limits())
"""


def wait(condition: Callable[[], object]) -> None:
    limit = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.01)


@pytest.fixture
def holder(place: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process in the middle of a reading."""
    with subprocess.Popen([sys.executable, "-c", HOLDING], stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        process.stdin.write(b"Mobile\n0600000001\n")
        process.stdin.flush()
        wait(lambda: list(place.glob("*/0/stdin")))
        yield process
        process.kill()


@pytest.mark.slow
def test_what_a_crash_left_goes_and_what_is_in_use_stays(holder: subprocess.Popen[bytes], place: Path) -> None:
    """A room is swept when its process has been killed, never while it lives; until then it is counted."""
    assert (leftovers(), sweep()) == ([], 0)
    holder.kill()
    holder.wait()
    (left,) = leftovers()
    assert left.stat().st_mode & 0o777 == 0o700
    with read([SAMPLES / "stops.csv"], ReadOptions()):
        assert not left.exists()
    assert list(place.iterdir()) == []


@pytest.mark.slow
def test_what_a_crash_left_goes_with_a_command_that_reads_no_file(
    holder, place: Path, tmp_path: Path, monkeypatch
) -> None:
    """Whatever is asked of the account next, `runs` for one, deletes what a killed process left."""
    holder.kill()
    holder.wait()
    (left,) = leftovers()
    monkeypatch.setenv("PTX_HOME", str(tmp_path / "home"))
    with ptx_bulk.connect(sandbox=True) as account:
        assert account.runs() == []
    assert not left.exists()


@posix
def test_what_others_own_or_link_to_is_not_swept(place: Path, tmp_path: Path) -> None:
    """Only folders of ours are swept: no link of that name, no file, no folder without a lock that is not old."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "precious").touch()
    (place / "ptx-bulk-link").symlink_to(elsewhere)
    (place / "ptx-bulk-file").touch()
    (place / "ptx-bulk-new").mkdir()
    (place / "ptx-bulk-new" / "copy").touch()
    assert sweep() == 0
    assert (elsewhere / "precious").exists()
    assert len(list(place.iterdir())) == 3
    os.utime(place / "ptx-bulk-new", (0, 0))  # an earlier version's, which had no locks
    assert sweep() == 1


@pytest.mark.slow
def test_many_rooms_are_made_and_swept_at_once(place: Path) -> None:
    """While others sweep without end, every room that is made stays until its owner closes it."""
    sweeper = "from ptx_bulk.system.scratch import sweep\nwhile True: sweep()"
    with (
        subprocess.Popen([sys.executable, "-c", sweeper]) as one,
        subprocess.Popen([sys.executable, "-c", sweeper]) as two,
    ):
        try:
            for at in range(300):
                room = Scratch()
                (room.folder / "copy").write_text(str(at))
                time.sleep(0.002)
                assert (room.folder / "copy").read_text() == str(at)
                room.close()
                assert not room.folder.exists()
        finally:
            one.kill()
            two.kill()
    assert sweep() >= 0
    assert list(place.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="maps are seen in /proc")
def test_maps_are_closed_before_their_files_are_deleted(place: Path) -> None:
    """Windows deletes no file that is mapped: after closing, no map of a copy is left, although the cells are used."""

    def mapped() -> bool:
        return str(place) in Path("/proc/self/maps").read_text()

    reading = read([SAMPLES / "stops.xlsx"], ReadOptions())
    assert mapped()
    reading.close()
    assert not mapped()
    assert len(reading.cells)


@posix
@pytest.mark.parametrize("name", [pytest.param("stops.csv", marks=pytest.mark.slow), "stops.xlsx"])
def test_a_full_temporary_folder_is_one_sentence(name: str, place: Path, tmp_path: Path) -> None:
    """Where no copy can grow, in the parent or in the child, exit is 3 with the folder and the remedy named."""
    limit = (
        "import resource, os, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)); "
        "os.execv(sys.argv[1], sys.argv[1:])"
    )
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            limit,
            *CHECK,
            str(SAMPLES / name),
            "--encoding",
            "cp1252",
            "--json",
        ],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=100,
        check=False,
    )
    assert (done.returncode, json.loads(done.stdout)["exit_code"]) == (3, 3), done.stderr
    (line,) = done.stderr.splitlines()
    assert "no room" in line
    assert "TMPDIR" in line
    assert list(place.iterdir()) == []


@pytest.mark.slow
@pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(os, "geteuid") or os.geteuid() != 0, reason="mounting needs root"
)
def test_a_full_disk_is_one_sentence(place: Path, tmp_path: Path) -> None:
    """The same on a disk that is full indeed."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(place)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        big = tmp_path / "big.csv"
        big.write_text("Mobile;Prénom\n" + "0600000001;é\n" * 20_000, encoding="cp1252")
        done = subprocess.run(
            [*CHECK, str(big)], capture_output=True, text=True, cwd=tmp_path, timeout=100, check=False
        )
        assert (done.returncode, done.stdout) == (3, "")
        assert "no room" in done.stderr
        assert list(place.iterdir()) == []
    finally:
        subprocess.run(["umount", str(place)], check=True)


@posix
def test_the_child_knows_no_secret(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The child's environment holds neither key nor token nor proxy: what it needs is named, all else is left out."""
    secrets = (
        "PTX_API_KEY",
        "PRIMOTEXTO_API_KEY",
        "HTTPS_PROXY",
        "https_proxy",
        "AWS_SECRET_ACCESS_KEY",
        "GITHUB_TOKEN",
    )
    for name in secrets:
        monkeypatch.setenv(name, "secret-value")
    with parent(tmp_path) as process:
        with child_of(process, tmp_path) as (child, _end):
            environment = child.environ()
        process.kill()
    assert "secret-value" not in environment.values()
    assert set(environment) <= {
        *("PATH", "PYTHONPATH", "PYTHONUTF8", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "LD_LIBRARY_PATH"),
        *("ARROW_DEFAULT_MEMORY_POOL", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "PYTHONDONTWRITEBYTECODE"),
    }


def parent(folder: Path) -> subprocess.Popen[bytes]:
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    (folder / "room").mkdir()
    return subprocess.Popen([sys.executable, "-c", PARENT, str(pipe), str(folder / "room")], stderr=subprocess.DEVNULL)


@contextmanager
def child_of(process: subprocess.Popen[bytes], folder: Path) -> Iterator[tuple[psutil.Process, int]]:
    """The child at work: its parser has opened the pipe, and waits for what is written to our end of it."""
    ends: list[int] = []

    def is_read() -> bool:
        with suppress(OSError):  # nobody reads it yet
            ends.append(os.open(folder / "pipe", os.O_WRONLY | os.O_NONBLOCK))
        return bool(ends)

    wait(is_read)
    try:
        (child,) = psutil.Process(process.pid).children()
        yield child, ends[0]
    finally:
        os.close(ends[0])


@pytest.mark.slow
@posix
@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM"])
def test_the_child_ends_with_its_parent(name: str, place: Path, tmp_path: Path) -> None:
    """However the parent ends, the child does not outlive it."""
    with parent(tmp_path) as process, child_of(process, tmp_path) as (child, _end):
        process.send_signal(getattr(signal, name))
        process.wait()
        _gone, alive = psutil.wait_procs([child], timeout=30)
    assert not alive


@pytest.mark.slow
@posix
def test_a_stop_for_the_whole_group_is_no_damage_of_the_file(place: Path, tmp_path: Path) -> None:
    """The child leaves stop signals to its parent: who stops all processes does not make it look like a crash."""
    with parent(tmp_path) as process:
        with child_of(process, tmp_path) as (child, end):
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                child.send_signal(number)
            assert os.getpgid(child.pid) != os.getpgid(process.pid)
            os.write(end, b"<table><tr><td>Mobile</td></tr><tr><td>0612345678</td></tr></table>")
        assert process.wait(60) == 0


def killed(place: Path, folder: Path, count: int, seed: int) -> None:
    """Kill readings at random moments; after the next one nothing of ours is left and nobody runs."""
    rng = random.Random(seed)
    for _ in range(count):
        with subprocess.Popen([*CHECK, str(SAMPLES / "stops.xlsx")], cwd=folder, stderr=subprocess.DEVNULL) as process:
            limit, moment = time.monotonic() + 30, rng.random()
            while moment > 0.3 and not list(place.iterdir()) and process.poll() is None and time.monotonic() < limit:
                time.sleep(0.01)
            time.sleep(rng.random() * (0.6 if moment > 0.3 else 2))
            children = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
            process.kill()
        assert not psutil.wait_procs(children, timeout=30)[1]
        with read([SAMPLES / "stops.xlsx"], ReadOptions()):
            assert len(list(place.iterdir())) == 1
        assert list(place.iterdir()) == []
        assert not list(folder.glob(".ptx-*")) or leave_drafts(folder)


def leave_drafts(folder: Path) -> bool:
    """Drafts that were left go when the next report is written there."""
    subprocess.run([*CHECK, str(SAMPLES / "stops.csv")], cwd=folder, capture_output=True, check=False)
    return not list(folder.glob(".ptx-*"))


@pytest.mark.slow
@posix
def test_a_killed_reading_leaves_nothing_for_long(place: Path, tmp_path: Path) -> None:
    """After a kill at a random moment no child runs on, and the next reading deletes what was left."""
    killed(place, tmp_path, 4, 5)


@posix
@pytest.mark.endurance
@pytest.mark.timeout(1800)
def test_a_hundred_killed_readings_leave_nothing_for_long(place: Path, tmp_path: Path) -> None:
    """The same for a hundred readings."""
    killed(place, tmp_path, 100, os.getpid())

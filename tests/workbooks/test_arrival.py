"""From a name to bytes: what is no file is said at once, pipes are read as standard input, changes are noticed."""

from __future__ import annotations

import hashlib
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from ptx_bulk.errors import ConfigurationError, UnreadableFile
from ptx_bulk.workbooks import Limits, Reading
from ptx_bulk.workbooks.guard.arrival import arrived
from tests.conftest import ROOT, Ran

Opened = Callable[..., Reading]
Make = Callable[..., Path]
CONTENT = b"telephone\n0612345678\n"

posix = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no such files")


@posix
@pytest.mark.parametrize("kind", ["/dev/zero", "/dev/urandom", "/dev/null", "fifo", "socket"])
def test_what_is_no_file_is_said_at_once(kind: str, tmp_path: Path, run: Callable[..., Ran]) -> None:
    """A device, a socket and a pipe into which nobody writes end in one sentence and exit 3, without waiting."""
    path = kind if kind.startswith("/dev") else str(tmp_path / "it")
    if kind == "fifo":
        os.mkfifo(path)
    if kind == "socket":
        with socket.socket(socket.AF_UNIX) as one:  # its file outlives it
            one.bind(path)
    ran = run("check", path)
    assert ran.code == 3
    assert path in ran.err
    assert "standard input" in ran.err


@posix
def test_a_pipe_with_a_writer_is_read_as_standard_input(tmp_path: Path, opened: Opened) -> None:
    """What a shell's `<(command)` names is read to its end, even when its writer begins late."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = os.open(path, os.O_RDWR)
    threading.Timer(0.3, lambda: (os.write(writer, CONTENT), os.close(writer))).start()
    reading = opened(path)
    assert reading.cells["raw"].tolist() == ["0612345678"]
    assert reading.inputs[0].sha256 == hashlib.sha256(CONTENT).hexdigest()


@posix
def test_an_endless_pipe_ends_at_the_limit(tmp_path: Path, opened: Opened) -> None:
    """Standard input and pipes are taken in up to a limit, and no further."""
    read, write = os.pipe()
    with subprocess.Popen(["cat", "/dev/zero"], stdout=write) as endless:
        os.close(write)
        with pytest.raises(UnreadableFile, match="2 MB"):
            opened(Path(f"/dev/fd/{read}"), limits=Limits(streamed=2 << 20))
        endless.kill()
        os.close(read)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read(text: Make, run: Callable[..., Ran]) -> None:
    """A file without the right to read it is exit 3."""
    path = text(CONTENT)
    path.chmod(0)
    assert run("check", path).code == 3


@pytest.mark.slow
@posix
def test_a_name_that_is_no_text(tmp_path: Path, environment: dict[str, str]) -> None:
    """A name that is not UTF-8 is said, since no report could hold it."""
    path = os.fsencode(tmp_path) + b"/caf\xe9.csv"
    try:
        Path(os.fsdecode(path)).write_bytes(CONTENT)
    except OSError:
        pytest.skip("this file system takes no such names")
    command = [sys.executable, "-m", "ptx_bulk", "check", path]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 3
    assert b"UTF-8" in done.stderr


@pytest.mark.parametrize("name", ["a\0b.csv", "a" * 5000 + ".csv"])
def test_a_name_that_no_file_has(name: str, opened: Opened) -> None:
    """A name with a zero in it, or longer than any, is a sentence."""
    with pytest.raises(UnreadableFile):
        opened(Path(name))


def _replace(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(CONTENT)
    other.replace(path)


@pytest.mark.parametrize(
    "change",
    [
        lambda path: path.write_bytes(CONTENT.replace(b"8", b"9")),
        lambda path: path.write_bytes(CONTENT + b"0612345679\n"),
        lambda path: path.unlink(),
    ],
    ids=["same-size", "longer", "gone"],
)
@pytest.mark.parametrize("old", [False, True])
def test_a_file_that_changes_while_it_is_read_is_refused(
    change: Callable[[Path], object], old: bool, text: Make, tmp_path: Path
) -> None:
    """The recorded SHA-256 is that of the bytes that were read, or the file is refused with exit 3."""
    path = text(CONTENT)
    if old:
        os.utime(path, (1_700_000_000, 1_700_000_000))
    with pytest.raises(UnreadableFile, match="changed") as caught, arrived(str(path), tmp_path, Limits()):
        change(path)
    assert caught.value.exit_code == 3


@pytest.mark.parametrize("change", [lambda path: path.touch(), _replace], ids=["touched", "replaced"])
def test_a_file_with_the_same_bytes_is_the_same(change: Callable[[Path], object], text: Make, tmp_path: Path) -> None:
    """A new time stamp or another copy of the same bytes is no change."""
    path = text(CONTENT)
    with arrived(str(path), tmp_path, Limits()) as arrival:
        change(path)
    assert arrival.sha256 == hashlib.sha256(CONTENT).hexdigest()


@pytest.mark.parametrize("wanted", ["utf16", "utf-16", "utf-16-le", "UTF_16_LE"])
@pytest.mark.parametrize("bom", [b"", b"\xff\xfe"])
def test_utf16_with_and_without_a_mark(wanted: str, bom: bytes, text: Make, opened: Opened) -> None:
    """UTF-16 that is asked for is read with its byte order mark and without one."""
    path = text(bom + CONTENT.decode().encode("utf-16-le"))
    assert opened(path, encoding=wanted).cells["raw"].tolist() == ["0612345678"]


@pytest.mark.parametrize(
    "wanted", ["base64", "zlib", "idna", "punycode", "undefined", "unicode_escape", "x\0", "é", "rot13"]
)
def test_what_is_no_encoding_of_files(wanted: str, text: Make, opened: Opened) -> None:
    """A codec that is no encoding of text files is refused by name."""
    with pytest.raises(ConfigurationError):
        opened(text(CONTENT), encoding=wanted)


def test_parquet_text_that_is_not_utf8(tmp_path: Path, opened: Opened) -> None:
    """Text of an old code page in a Parquet file is read as in a CSV file, and its numbers with it."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = pa.array([b"Andr\xe9", "Zoé".encode(), None], pa.binary())
    raw = pa.StringArray.from_buffers(3, names.buffers()[1], names.buffers()[2], names.buffers()[0])
    pq.write_table(
        pa.table({"nom": raw, "telephone": ["0612345678", "0612345679", "0612345670"]}), tmp_path / "a.parquet"
    )
    reading = opened(tmp_path / "a.parquet")
    assert reading.cells["raw"].tolist() == ["0612345678", "0612345679", "0612345670"]

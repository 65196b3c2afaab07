"""The command line as a process of its own, as quick as can be: forked from a process that has imported the product.

Importing pandas and the product takes most of a small command's time. Where processes can be forked, one
`python -m tests.commands` imports everything once and forks a child for each command: still a process with its own
environment, folder, streams, signals and exit. A command whose environment says how the interpreter starts, or in which
language, gets a fresh interpreter.
"""

from __future__ import annotations

import array
import atexit
import contextlib
import functools
import gc
import importlib
import json
import os
import pkgutil
import runpy
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_SECONDS = 250
_CHILDREN_START_OWN = ("__main__", "child")


def run_command(
    arguments: list[str], folder: Path, environment: dict[str, str], stdin: bytes = b"", module: str = "ptx_bulk"
) -> tuple[int, bytes, bytes]:
    """Run `ptx-bulk ARGUMENTS`, or another module, to its end: exit code (negative: the signal), output and errors."""
    if (
        hasattr(os, "fork")
        and hasattr(socket, "send_fds")
        and _interpreter_of(environment) == _interpreter_of(_STARTED)
    ):
        return _forked([module, *arguments], folder, environment, stdin)
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(
        command, cwd=folder, env=environment, input=stdin, capture_output=True, timeout=_SECONDS, check=False
    )
    return done.returncode, done.stdout, done.stderr


def _interpreter_of(environment: dict[str, str]) -> dict[str, str]:
    """What is read when an interpreter starts or the product is imported."""
    names = ("PYTHON", "LC_", "LANG", "PTX_LANG", "LD_")
    return {name: value for name, value in environment.items() if name.startswith(names) and name not in _PER_COMMAND}


_PER_COMMAND = {"PYTHON_KEYRING_BACKEND", "PYTEST_CURRENT_TEST"}
_STARTED = {**os.environ, "PTX_LANG": "en", "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}


def _forked(arguments: list[str], folder: Path, environment: dict[str, str], stdin: bytes) -> tuple[int, bytes, bytes]:
    server = _server()
    wanted = json.dumps([arguments, str(folder), environment], ensure_ascii=True).encode()
    source, sink = os.pipe()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        try:
            socket.send_fds(server, [len(wanted).to_bytes(4, "big")], [source, out.fileno(), err.fileno()])
            server.sendall(wanted)
        finally:
            os.close(source)
        feeder = threading.Thread(target=_feed, args=(sink, stdin))
        feeder.start()
        child = int.from_bytes(_received(server, 4), "big")
        try:
            code = int.from_bytes(_received(server, 4), "big", signed=True)
        except TimeoutError:
            os.kill(child, 9)
            _received(server, 4)
            raise subprocess.TimeoutExpired(arguments, _SECONDS) from None
        finally:
            feeder.join()
        out.seek(0)
        err.seek(0)
        return code, out.read(), err.read()


def _feed(sink: int, stdin: bytes) -> None:
    with contextlib.suppress(BrokenPipeError), os.fdopen(sink, "wb") as stream:
        stream.write(stdin)


@functools.cache
def _server() -> socket.socket:
    ours, its = socket.socketpair()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.commands", str(its.fileno())],
        cwd=ROOT,
        env=_STARTED,
        stdin=subprocess.DEVNULL,
        pass_fds=[its.fileno()],
    )
    its.close()
    ours.settimeout(_SECONDS)

    def end() -> None:
        ours.close()
        process.wait(timeout=20)

    atexit.register(end)
    return ours


def _received(link: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        part = link.recv(size - len(data))
        if not part:
            raise EOFError
        data += part
    return data


def _requests(link: socket.socket) -> Iterator[tuple[list[str], str, dict[str, str], list[int]]]:
    while True:
        size, streams, _flags, _address = socket.recv_fds(link, 4, 3)
        if not size:
            return
        yield (*json.loads(_received(link, int.from_bytes(size, "big"))), list(array.array("i", streams)))


def _serve(number: int) -> None:
    """Fork a child for each command that is asked for, until nobody asks any more."""
    _import_everything()
    gc.freeze()  # what never changes is not looked through again at each exit
    with socket.socket(fileno=number) as link:
        for arguments, folder, environment, streams in _requests(link):
            child = os.fork()
            if not child:
                link.close()
                _become(arguments, folder, environment, streams)
                return
            for stream in streams:
                os.close(stream)
            link.sendall(child.to_bytes(4, "big"))
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            link.sendall(code.to_bytes(4, "big", signed=True))


def _import_everything() -> None:
    import ptx_bulk

    for module in pkgutil.walk_packages(ptx_bulk.__path__, "ptx_bulk."):
        if not module.name.endswith(_CHILDREN_START_OWN):
            importlib.import_module(module.name)
    _read_what_all_commands_read()


def _read_what_all_commands_read() -> None:
    """The words of headings, and the numbering plan of France: files that come with the product and never change."""
    from phonenumbers import is_valid_number, parse

    from ptx_bulk.workbooks.choosing.vocabulary.meaning import meaning

    meaning("Mobile")
    is_valid_number(parse("+33612345678"))


def _become(arguments: list[str], folder: str, environment: dict[str, str], streams: list[int]) -> None:
    """Be `python -m ARGUMENTS` from here on; ends with its exit."""
    for stream, number in zip(streams, range(3), strict=True):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    tempfile.tempdir = None
    opened: Callable[..., object] = functools.partial(open, encoding="utf-8", closefd=False)
    sys.stdin, sys.stdout = opened(0), opened(1, "w")
    sys.stderr = opened(2, "w", errors="backslashreplace", buffering=1)
    sys.argv = ["ptx-bulk", *arguments[1:]]
    try:
        runpy.run_module(arguments[0], run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if not isinstance(end.code, int | None):
            raise
        sys.stdout.flush()
        sys.stderr.flush()
        _leave(end.code or 0)


def _leave(code: int) -> None:
    """End as an interpreter does, without taking apart what is imported: that takes longer than most commands."""
    threading._shutdown()  # type: ignore[attr-defined] # waits for the threads that are no daemons
    atexit._run_exitfuncs()
    gc.collect()
    os._exit(code)


if __name__ == "__main__":
    _serve(int(sys.argv[1]))

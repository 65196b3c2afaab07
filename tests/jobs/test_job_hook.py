from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ptx_bulk.configfile import command_words
from ptx_bulk.jobs import run_hook


def test_the_hook_reads_the_summary(tmp_path: Path):
    """The hook gets the summary on its standard input and runs in the folder of its job."""
    code = "import sys, pathlib; pathlib.Path('got.json').write_bytes(sys.stdin.buffer.read())"
    assert run_hook([sys.executable, "-c", code], b'{"exit_code": 0}', folder=tmp_path) == 0
    assert (tmp_path / "got.json").read_bytes() == b'{"exit_code": 0}'


def test_the_hook_does_not_write_to_standard_output(capfd):
    """What the hook prints goes to standard error, since standard output belongs to `--json`."""
    assert run_hook([sys.executable, "-c", "print('sent')"], b"{}") == 0
    out, err = capfd.readouterr()
    assert (out, err.strip()) == ("", "sent")


def test_a_failing_hook_gives_its_exit_code():
    """A hook that fails, even without reading its input, gives its exit code and raises nothing."""
    assert run_hook([sys.executable, "-c", "raise SystemExit(7)"], b"x" * 1_000_000) == 7


@pytest.mark.parametrize("command", [["no-such-program-here"], ["bad\0name"], [str(Path(__file__).parent)]])
def test_a_hook_that_cannot_start(command):
    """A hook that cannot be started gives None and raises nothing."""
    assert run_hook(command, b"{}") is None


def test_a_hook_that_hangs_is_ended():
    """A hook that does not end in time is ended and gives None."""
    assert run_hook([sys.executable, "-c", "import time; time.sleep(60)"], b"{}", timeout=0.2) is None


@pytest.mark.parametrize(
    ("text", "windows", "words"),
    [
        (r'"C:\Program Files\op.exe" read key', True, [r"C:\Program Files\op.exe", "read", "key"]),
        (r"pass show a\ b # not a comment", False, ["pass", "show", "a b", "#", "not", "a", "comment"]),
        ("'open", False, None),
        ("  ", False, None),
        ("", True, None),
    ],
)
def test_commands_written_as_text(text, windows, words):
    """A command's text is split at blanks outside quotes; on Windows a backslash is a plain character."""
    assert command_words(text, windows=windows) == words

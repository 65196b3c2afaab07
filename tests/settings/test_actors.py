"""Who gives a command is known by PTX_ACTOR or the login name, and nothing fails where there is neither."""

from __future__ import annotations

import getpass
import os
import socket
import subprocess
import sys

import pytest

from ptx_bulk.settings import actor_and_host, load
from tests.conftest import ROOT


def who(tmp_path, **env: str) -> tuple[str, str]:
    return actor_and_host(load(env={"PTX_HOME": str(tmp_path), **env}))


def test_the_login_name_and_the_machine_are_noted(tmp_path):
    """Without PTX_ACTOR it is the login name, and always the machine's name."""
    assert who(tmp_path) == (getpass.getuser(), socket.gethostname())


def test_the_environment_names_somebody_else(tmp_path):
    """PTX_ACTOR wins over the login name: a service account works for people."""
    assert who(tmp_path, PTX_ACTOR="  Anna Dupont ")[0] == "Anna Dupont"
    assert who(tmp_path, PTX_ACTOR="  ")[0] == getpass.getuser()


@pytest.mark.parametrize("text", ["a\x1b[31m\u202eb\nc", "x" * 1000, "\udce9"])
def test_a_name_is_one_visible_line_of_bounded_length(tmp_path, text):
    """Whatever PTX_ACTOR holds, no terminal obeys it, and no database or report refuses it."""
    name = who(tmp_path, PTX_ACTOR=text)[0]
    assert 0 < len(name) <= 200
    assert name.isprintable()
    assert name.encode()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root becomes a user that nobody knows")
def test_a_user_without_a_name_is_no_error():
    """In a container without users the name stays empty."""
    program = (
        "import os, pathlib; from ptx_bulk.settings import Settings, actor_and_host; os.setuid(54321); "
        "made = Settings(base_url='https://api.example', home=pathlib.Path('/'), profile=None, sandbox=False); "
        "print(repr(actor_and_host(made)[0]))"
    )
    clean = {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]}
    ran = subprocess.run([sys.executable, "-c", program], env=clean, capture_output=True, text=True, check=False)
    assert (ran.stdout.strip(), ran.stderr) == ("''", "")

"""The library's public face."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import ptx_bulk
from ptx_bulk import applying, journal, pipeline, reports, workbooks


def test_every_public_name_is_there_and_nothing_is_loaded_before_it_is_used():
    """Each name of `__all__` can be imported, and importing the package alone loads neither pandas nor phonenumbers."""
    for name in ptx_bulk.__all__:
        assert getattr(ptx_bulk, name) is not None
    assert loaded_by("import ptx_bulk") == set()


@pytest.mark.parametrize("line", ["--version", "import --help", "completion bash"])
def test_what_only_tells_of_the_program_loads_none_of_its_libraries(line: str):
    """Versions, helps and completions are there at once: no library for tables, numbers or the network is loaded."""
    run = f"import contextlib, io\nwith contextlib.redirect_stdout(io.StringIO()):\n  ptx_bulk.cli.main({line.split()})"
    assert loaded_by(f"import ptx_bulk.cli\n{run}") == set()


def test_an_unknown_name_is_an_attribute_error():
    """A name that the package does not have is refused as by any module."""
    assert not hasattr(ptx_bulk, "no_such_name")


def loaded_by(code: str) -> set[str]:
    """The heavy libraries that a program has loaded when it ends."""
    heavy = {"pandas", "pyarrow", "numpy", "phonenumbers", "httpx", "aiohttp", "xlsxwriter", "babel"}
    ending = f"import atexit, sys; atexit.register(lambda: print(*({heavy!r} & set(sys.modules)), file=sys.stderr))"
    done = subprocess.run([sys.executable, "-c", f"{ending}\n{code}"], capture_output=True, text=True, check=False)
    return set(done.stderr.split())


@pytest.mark.parametrize(
    "package", [ptx_bulk, applying, journal, pipeline, reports, workbooks], ids=lambda package: package.__name__
)
def test_the_stub_types_the_names_that_there_are(package: ModuleType):
    """A package whose names are loaded late has a stub with the same names from the same modules."""
    stub = Path(str(package.__file__)).with_suffix(".pyi").read_text(encoding="utf-8")
    typed = {
        alias.name: node.module
        for node in ast.parse(stub).body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    homes = {name: f"{package.__name__}.{home}" for home, names in package._HOMES.items() for name in names}
    typed.pop("__version__", None)
    assert typed == homes
    assert sorted(homes) == sorted(set(package.__all__) - {"__version__"})

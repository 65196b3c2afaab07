"""The library's public face."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import ptx_bulk
from ptx_bulk import journal, reports, workbooks


def test_every_public_name_is_there_and_nothing_is_loaded_before_it_is_used():
    """Each name of `__all__` can be imported, and importing the package alone loads neither pandas nor phonenumbers."""
    for name in ptx_bulk.__all__:
        assert getattr(ptx_bulk, name) is not None
    code = "import sys, ptx_bulk; sys.exit(any(name in sys.modules for name in ('pandas', 'pyarrow', 'phonenumbers')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_unknown_name_is_an_attribute_error():
    """A name that the package does not have is refused as by any module."""
    assert not hasattr(ptx_bulk, "no_such_name")


@pytest.mark.parametrize("package", [ptx_bulk, journal, reports, workbooks], ids=lambda package: package.__name__)
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

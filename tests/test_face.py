"""The library's public face."""

from __future__ import annotations

import subprocess
import sys

import ptx_bulk


def test_every_public_name_is_there_and_nothing_is_loaded_before_it_is_used():
    """Each name of `__all__` can be imported, and importing the package alone loads neither pandas nor phonenumbers."""
    for name in ptx_bulk.__all__:
        assert getattr(ptx_bulk, name) is not None
    code = "import sys, ptx_bulk; sys.exit(any(name in sys.modules for name in ('pandas', 'pyarrow', 'phonenumbers')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_unknown_name_is_an_attribute_error():
    """A name that the package does not have is refused as by any module."""
    assert not hasattr(ptx_bulk, "no_such_name")

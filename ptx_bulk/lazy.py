"""Packages whose names are imported when they are first used, so that a command pays for its own rooms alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module

from ptx_bulk.signals import Undisturbed


def attach(package: str, homes: Mapping[str, str]) -> Callable[[str], object]:
    """A module-level `__getattr__` (PEP 562) for a package.

    Args:
        package: the package's `__name__`.
        homes: for each public name the module that holds it, relative to the package; `module:name` where it has
            another name there.
    """

    def get(name: str) -> object:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module, _colon, own = homes[name].partition(":")
        with Undisturbed():  # a package that was imported by half cannot always be imported again
            return getattr(import_module(f"{package}.{module}"), own or name)

    return get

"""Packages whose names are imported when they are first used, so that a command pays for its own rooms alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module

from ptx_bulk.system.signals import Undisturbed


def attach(package: str, homes: Mapping[str, Iterable[str]]) -> tuple[Callable[[str], object], list[str]]:
    """A module-level `__getattr__` (PEP 562) for a package, and its `__all__`.

    Args:
        package: the package's `__name__`.
        homes: the public names by the module that holds them, relative to the package.
    """
    home_of = {name: home for home, names in homes.items() for name in names}

    def get(name: str) -> object:
        if name not in home_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        with Undisturbed():  # a package that was imported by half cannot always be imported again
            return getattr(import_module(f"{package}.{home_of[name]}"), name)

    return get, sorted(home_of)

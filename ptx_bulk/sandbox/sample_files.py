"""The sample spreadsheets that come with the program: packed into it, in a checkout the folder `samples/` beside it."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from ptx_bulk.errors import ConfigurationError
from ptx_bulk.i18n import _

# What the folder of a checkout holds beside them, the script that makes them, is for developers.
_ENDINGS = (".csv", ".xlsx", ".md")


def sample_files() -> dict[str, bytes]:
    """The sample files, by name, with the README that tells what they are.

    Raises:
        ConfigurationError: this installation holds none.
    """
    for folder in _homes():
        if folder.is_dir():
            found = sorted(folder.iterdir(), key=lambda file: file.name)
            return {file.name: file.read_bytes() for file in found if file.name.endswith(_ENDINGS)}
    raise ConfigurationError(_("This installation of ptx-bulk holds no sample files; install it anew."))


def _homes() -> Iterator[Traversable]:
    yield resources.files(__package__) / "samples"  # where the wheel has them
    yield Path(__file__).parents[2] / "samples"

"""What is known of other providers' exports: one small data file each, in `presets/`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from ptx_bulk.errors import ConfigurationError
from ptx_bulk.i18n import _
from ptx_bulk.model import LIST_ALIASES, ListKind
from ptx_bulk.workbooks.choosing.vocabulary.words import fold


@dataclass(frozen=True)
class Preset:
    """One provider's export.

    Attributes:
        name: as the provider writes itself.
        phone: headings of the phone column, the best first.
        list_column: headings of the column that holds the reason.
        reasons: the provider's words for why a number is on a list, as `headings.plain` has them.
    """

    name: str
    phone: tuple[str, ...]
    list_column: tuple[str, ...]
    reasons: dict[str, ListKind]


def preset_names() -> tuple[str, ...]:
    """The presets there are, sorted."""
    folder = resources.files(__package__) / "presets"
    return tuple(sorted(file.name[:-5] for file in folder.iterdir() if file.name.endswith(".toml")))


@cache
def load_preset(name: str) -> Preset:
    """The preset of that name.

    Raises:
        ConfigurationError: there is none.
    """
    if name not in preset_names():
        raise ConfigurationError(
            _("nothing is known of exports from {name}; known are: {names}").format(
                name=name, names=", ".join(preset_names())
            )
        )
    text = (resources.files(__package__) / "presets" / f"{name}.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    return Preset(
        name=data["name"],
        phone=tuple(data.get("phone", ())),
        list_column=tuple(data.get("list_column", ())),
        reasons={fold(word): LIST_ALIASES[kind] for kind, words in data.get("reasons", {}).items() for word in words},
    )

"""The catalogues of sentences, and what the sources hold."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from ptx_bulk import i18n

PACKAGE = i18n.LOCALE_DIR.parent
FRENCH = i18n.LOCALE_DIR / "fr" / "LC_MESSAGES"
Id = str | tuple[str, ...]
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")
_MARKS = frozenset({"_", "N_", "ngettext"})
_SENTENCE = 3  # fewer words may stand in a French text, too
_REACH = 200  # characters that stand for a placeholder


def template() -> Catalog:
    """The sentences that are to be translated, as committed."""
    with (i18n.LOCALE_DIR / "ptx_bulk.pot").open("rb") as file:
        return read_po(file)


def french(domain: str = i18n.DOMAIN) -> Catalog:
    """The French catalogue."""
    with (FRENCH / f"{domain}.po").open("rb") as file:
        return read_po(file, locale="fr")


def compiled(domain: str = i18n.DOMAIN) -> Catalog:
    """The French catalogue as gettext reads it."""
    with (FRENCH / f"{domain}.mo").open("rb") as file:
        return read_mo(file)


def rules(catalogue: Catalog) -> tuple[str, str, int, str]:
    """What a catalogue's header says about its sentences, not about the tool that wrote it."""
    return str(catalogue.locale), catalogue.charset, catalogue.num_plurals, catalogue.plural_expr


def sentences(catalogue: Catalog) -> list[Message]:
    """The messages without the header."""
    return [message for message in catalogue if message.id]


def translations(catalogue: Catalog) -> dict[Id, Id]:
    """The French of every English sentence; singular and plural for those with a count."""
    return {_plain(message.id): _plain(message.string) for message in sentences(catalogue)}


def _plain(text: str | Sequence[str]) -> Id:
    return text if isinstance(text, str) else tuple(text)


def ids(catalogue: Catalog) -> set[Id]:
    """The English sentences; singular and plural for those with a count."""
    return {message.id for message in sentences(catalogue)}


def pairs(message: Message) -> Iterator[tuple[str, str]]:
    """English and French of a message; singular beside singular, plural beside plural."""
    if isinstance(message.id, tuple):
        yield from zip(message.id, message.string, strict=True)
    else:
        yield message.id, str(message.string)


def in_sources() -> set[Id]:
    """The sentences that the sources mark, by the extraction that `ptx_bulk/locale/README.md` tells."""
    with (i18n.LOCALE_DIR / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    return _extracted(PACKAGE, methods, options)


def in_package(folder: Path) -> set[Id]:
    """The sentences that another package asks gettext for; none of its single letters."""
    found = _extracted(folder, [("**.py", "python")], {})
    return {one for one in found if len(one) > 1}


def _extracted(folder: Path, methods: list[tuple[str, str]], options: dict[str, dict[str, str]]) -> set[Id]:
    keywords = {**DEFAULT_KEYWORDS, "N_": None}
    return {found[2] for found in extract_from_dir(folder, methods, options, keywords)}


def calls() -> Iterator[tuple[str, list[ast.expr]]]:
    """Every call in the sources that marks or translates a sentence: its place and its arguments."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _MARKS:
                yield f"{path.relative_to(PACKAGE)}:{node.lineno}", node.args


def english_in(shown: str, domain: str = i18n.DOMAIN) -> list[str]:
    """The English sentences of a catalogue that stand in a text, whatever stands for their placeholders."""
    flat = " ".join(shown.split())
    return [english for english, pieces in _recognisable(domain) if _stand_in(pieces, flat)]


@cache
def _recognisable(domain: str) -> list[tuple[str, list[str]]]:
    """English sentences of enough words to be known again, and their words between the placeholders."""
    found = []
    for message in sentences(french(domain)):
        for english, translated in pairs(message):
            pieces = [" ".join(piece.split()) for piece in _PLACEHOLDER.split(english)]
            if translated != english and sum(len(piece.split()) for piece in pieces) >= _SENTENCE:
                found.append((english, pieces))
    return found


def _stand_in(pieces: list[str], text: str) -> bool:
    """Whether the pieces stand in the text one after the other, each within reach of the one before."""
    start = text.find(pieces[0] or pieces[1])
    end = start + len(pieces[0])
    for piece in pieces[1:] if start >= 0 else []:
        at = text.find(piece, end, end + len(piece) + _REACH)
        if at < 0:
            return False
        end = at + len(piece)
    return start >= 0

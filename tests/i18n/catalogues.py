"""The catalogues of sentences, and what the sources hold."""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from ptx_bulk import i18n

PACKAGE = i18n.LOCALE_DIR.parent
FRENCH = i18n.LOCALE_DIR / "fr" / "LC_MESSAGES"
Id = str | tuple[str, ...]
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")
_SENTENCE = 3  # fewer words may stand in a French text, too


def template() -> Catalog:
    """The sentences that are to be translated, as committed."""
    with (i18n.LOCALE_DIR / "ptx_bulk.pot").open("rb") as file:
        return read_po(file)


def french(domain: str = i18n.DOMAIN) -> Catalog:
    """The French catalogue."""
    with (FRENCH / f"{domain}.po").open("rb") as file:
        return read_po(file, locale="fr")


def compiled(catalogue: Catalog) -> bytes:
    """The catalogue as gettext reads it."""
    out = io.BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def sentences(catalogue: Catalog) -> list[Message]:
    """The messages without the header."""
    return [message for message in catalogue if message.id]


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


def untranslatable() -> list[str]:
    """Places where a sentence is put together before it is translated, so that no catalogue can hold it."""
    wrong = []
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            if node.func.id in ("_", "N_", "ngettext") and isinstance(node.args[0], ast.JoinedStr | ast.BinOp):
                wrong.append(f"{path.relative_to(PACKAGE)}:{node.lineno}")
    return wrong


def english_in(shown: str, domain: str = i18n.DOMAIN) -> list[str]:
    """The English sentences of a catalogue that stand in a text; of those with placeholders, what stands between."""
    flat = " ".join(shown.split())
    found = []
    for message in sentences(french(domain)):
        for english, translated in pairs(message):
            pieces = [re.escape(" ".join(piece.split())) for piece in _PLACEHOLDER.split(english)]
            words = sum(len(piece.split()) for piece in _PLACEHOLDER.split(english))
            if words >= _SENTENCE and translated != english and re.search(".{1,200}?".join(pieces), flat):
                found.append(english)
    return found

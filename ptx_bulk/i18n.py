"""Human sentences in the user's language (gettext); codes, columns, JSON keys and option names are never translated."""

from __future__ import annotations

import gettext as _gettext
import locale
import os
from datetime import UTC, datetime
from pathlib import Path

DOMAIN = "ptx_bulk"
LANGUAGES = ("en", "fr")
LOCALE_DIR = Path(__file__).with_name("locale")
_translations: _gettext.NullTranslations = _gettext.NullTranslations()
_language = "en"


def N_(text: str) -> str:  # noqa: N802 - the gettext convention for "mark, translate later"
    """Mark a sentence of a table for the catalogue; it is translated where it is shown."""
    return text


def _(text: str) -> str:
    """The sentence in the language in use."""
    return _translations.gettext(text)


def ngettext(singular: str, plural: str, n: int) -> str:
    """The sentence for `n` things in the language in use."""
    return _translations.ngettext(singular, plural, n)


class Quantity(float):
    """A number for people: with `:,` its thousands are grouped as the language in use does it.

    French groups with a no-break blank; a comma would read as its decimal sign. Not the narrow one of typography,
    which the code pages of Windows consoles lack.
    """

    def __format__(self, spec: str) -> str:
        """The number by `spec`, whole numbers as integers."""
        text = format(int(self) if self.is_integer() else float(self), spec)
        return text.replace(",", "\u00a0") if _language == "fr" else text


def grouped(count: int) -> str:
    """A count as people read it in the language in use."""
    return f"{Quantity(count):,}"


def language() -> str:
    """The language in use: `en` or `fr`."""
    return _language


def use(wanted: str | None = None) -> str:
    """Choose the language of all later sentences and return it.

    Args:
        wanted: `en`, `fr` or a locale name such as `fr_FR.UTF-8`; None asks `PTX_LANG`, then the locale.
    """
    global _translations, _language  # noqa: PLW0603 - one language a process, as gettext has it
    name = wanted or os.environ.get("PTX_LANG") or _locale_name()
    _language = "fr" if name.lower().startswith("fr") else "en"
    _translations = _gettext.translation(DOMAIN, LOCALE_DIR, languages=[_language], fallback=True)
    return _language


def _locale_name() -> str:
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(variable):
            return value
    try:
        return locale.getlocale()[0] or "en"
    except ValueError:
        return "en"


def local_time(moment: float | str) -> str:
    """A moment as the reader's clock tells it: Unix time in seconds or an ISO text with its zone; '' stays ''."""
    if moment == "":
        return ""
    at = datetime.fromisoformat(moment) if isinstance(moment, str) else datetime.fromtimestamp(moment, UTC)
    return f"{at.astimezone():%Y-%m-%d %H:%M:%S}"

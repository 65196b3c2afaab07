"""Words around a number: those that name a phone may go, all others make the cell doubtful."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from ptx_bulk.model import Code
from ptx_bulk.numbers.careful.beside import country_beside
from ptx_bulk.numbers.regions.metadata import MAX_DIGITS

# Compared without accents, case and full stops.
_WORDS = frozenset(
    re.findall(
        r"\S+",
        """
    tel telephone telephones phone phones ph mob mobile mobiles portable portables port gsm cell cellphone cellular
    cellulaire cel handy natel numero numeros num no n° nº nr n number contact whatsapp whats app wa sms smsto viber
    signal telegram callto appel perso personnel personnelle personal pro professionnel professionnelle bureau
    domicile dom maison travail fixe office home work business private prive privee principal principale main autre
    other secondaire secondary urgence emergency fax telecopie telecopieur ligne directe direct standard std
    de du le mon my client cliente telefon telefono telefone movil celular cellulare rufnummer mobil
    """,
    )
)
# Letters that stand for a phone only with a colon: `p:+33...` of lead ads, `T: ...`.
_INITIALS = frozenset("tpmhwbdfc")
_POINTED = re.compile(r"(?<!\w)[tpm]\s?\.", re.IGNORECASE)  # `T. 06...`, `P . 06...`
_LINK = re.compile(
    r"(?:https?://)?(?:www\.)?(?:wa\.me/|(?:api|web)\.whatsapp\.com/send/?\?phone=)\+?(\d+)(?:[/?&].*)?",
    re.IGNORECASE,
)
_URI = re.compile(r"tel:(?://)?\s*", re.IGNORECASE)
_NUMBERED = re.compile(r"([^\W\d_]+)\s?\.?\s?[1-9]\s?:\s?")  # `Tel 2 : ...`
_EXTENSION = re.compile(
    r"""
    [\s,;.(\[-]* (?: \#
        | (?<![^\W\d_]) (?:poste|pst|post|ext|extn|extension|erw|interne|int|anexo|dw|x|p)\.?
    ) \s*[:.=]?\s* \d{1,7} [\s)\].]*
    """,
    re.VERBOSE | re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"""
    (?:[\s,;:/|(<-]*\b(?:e-?mail|mail|mél|mel|courriel|adresse|correo|posta)\s*[.:]?)? [\s,;:/|(<-]*
    (?<![^\s,;:/|(<-]) [^\W\d_][\w.+-]* @ [\w-]+ (?:\.[\w-]+)+ [>)]?
    """,
    re.VERBOSE | re.IGNORECASE,
)
# Letters that look like digits are no note: `(O)6 12 34 56 78`.
_BRACKETED = re.compile(r"\((?![OoIl|]+\))[^()\d]*\)|\[(?![OoIl|]+\])[^\[\]\d]*\]|<[^<>\d]*>")
_WORD = re.compile(r"[^\W\d]+[°º]?\.?")
_WORDLESS = re.compile(r"[0-9 \n+().,/;|:&'\"\\-]*")
_FIRST = re.compile(r"\(?\s*\+|\(?\s*[0-9]")
_LAST = re.compile(r".*[0-9]", re.DOTALL)
# The last two are no-break blanks of cp850 and Mac Roman, read in another encoding.
_LOOKALIKE = str.maketrans({"O": "0", "o": "0", "I": "1", "l": "1", "|": "1", "ÿ": " ", "Ê": " "})
_MIN_DIGITS = 7


@dataclass(frozen=True, slots=True)
class Bare:
    """A text without words.

    Attributes:
        text: the number with its punctuation.
        labelled: whether something but a URI scheme was left out.
        code: why it cannot be taken, None when it can; `text` is then what a person would guess.
        country: the country that is named beside the number, '' for none.
    """

    text: str
    labelled: bool = False
    code: Code | None = None
    country: str = ""


def without_addresses(text: str) -> str:
    """The text without e-mail addresses and their labels, as long as digits are left."""
    if "@" not in text:
        return text
    rest = _ADDRESS.sub(" ", text).strip(" \n,;:/|<>()-")
    return rest if any(map(str.isdigit, rest)) else text


def unlabelled(text: str) -> Bare:
    """The text without the words that name a phone."""
    if link := _LINK.fullmatch(text):
        return Bare("+" + link[1], labelled=True)
    if uri := _URI.match(text):
        text = text[uri.end() :]
    if not _wordy(text):
        return Bare(text)
    if head := _before_extension(text):
        inner = unlabelled(head)
        return Bare(inner.text, code=Code.HAS_EXTENSION, country=inner.country)
    numbered = _NUMBERED.match(text)
    return _bare(text[numbered.end() :] if numbered and _known(numbered[1]) else text)


def _bare(text: str) -> Bare:
    """The number in a text with words."""
    letters = any(map(str.isalpha, text))
    first, last = _FIRST.search(text), _LAST.match(text)
    before, after = text[: first.start()] if first else text, text[last.end() :] if last else ""
    body = text[len(before) : len(text) - len(after)]
    glued = after[:1].isalpha()
    country, before, after = country_beside(before, after, _known)
    if _wordy(body) or glued:
        guess, code = text.translate(_LOOKALIKE), Code.CONTAINS_LETTERS if letters else Code.NOT_A_NUMBER
        return Bare(guess, code=code, country=country)
    body += ")" * (body.count("(") - body.count(")"))
    if _names_phone(before, colon=True) and _names_phone(after, colon=False):
        return Bare(body, labelled=True, country=country)
    return Bare(body, code=Code.CONTAINS_LETTERS if letters else Code.NOT_A_NUMBER, country=country)


def has_extension(text: str) -> bool:
    """Whether the text is one number followed by an extension."""
    return _wordy(text) and bool(_before_extension(text))


def _before_extension(text: str) -> str:
    """What stands before an extension, '' when there is none."""
    for found in _EXTENSION.finditer(text):
        head = text[: found.start()]
        if found.end() == len(text) and _MIN_DIGITS <= sum(map(str.isdigit, head)) <= MAX_DIGITS:
            return head
    return ""


def _names_phone(around: str, *, colon: bool) -> bool:
    """Whether the words and signs before or after a number may be left out."""
    rest = _BRACKETED.sub(" ", around)
    for word in _WORD.findall(rest):
        if not (_known(word) or (colon and _initial(word) and (":" in rest or _POINTED.search(rest)))):
            return False
    signs = _WORD.sub("", rest)
    return all(sign in " \n:.,;/-()[]<>|!'\"=" or unicodedata.category(sign) in ("So", "Sk", "Mn") for sign in signs)


@lru_cache(maxsize=4096)
def _known(word: str) -> bool:
    return _folded(word) in _WORDS


def _initial(word: str) -> bool:
    return _folded(word) in _INITIALS


def _folded(word: str) -> str:
    split = unicodedata.normalize("NFD", word.casefold().replace("№", "no"))
    return "".join(char for char in split if not unicodedata.combining(char)).rstrip(".")


def _wordy(text: str) -> bool:
    """Whether anything but digits and number punctuation stands in the text."""
    return not _WORDLESS.fullmatch(text)

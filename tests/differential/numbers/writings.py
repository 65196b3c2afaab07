"""Random writings of numbers, each with what was done to it: valid and invalid, whole, mended, damaged, foreign."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from tests.differential.numbers.families import Example, Family, families
from tests.differential.numbers.library import idd_of, keeps_bracketed_zero, trunk_of

FAMILY_CODES = (33, 262, 590, 594, 596, 508)
FAMILY_HEADS = ("6", "7", "69", "639", "690", "691", "692", "693", "694", "696", "697", "708", "709", "7090", "7091",
                "1", "262", "263", "268", "269", "508", "590", "594", "596", "598", "80", "81", "89", "9")  # fmt: skip
_BLANKS = ("", " ", " ", "\xa0", "\N{NARROW NO-BREAK SPACE}", "\N{THIN SPACE}", "  ", "\t", "\N{ZERO WIDTH SPACE}")
_SIGNS = (".", "-", "/", " - ", " / ", ". ", "\N{EN DASH}", "\N{NON-BREAKING HYPHEN}", "\N{MIDDLE DOT}", "_")
_SCRIPTS = (0x660, 0x6F0, 0x966, 0xFF10, 0x1D7CE)
_HIDDEN = "\ufeff\u200b\u200e\u202a\u2060\x00\x1f\xad"
LABELS = (
    "Tél. ",
    "Tél : ",
    "Portable : ",
    "Mobile ",
    "GSM",
    "N°",
    "tel 2 : ",
    "p:",
    "Phone: ",
    "☎ ",
    "WhatsApp ",
    "Fax : ",
)
NOTES = (" (bureau)", " (Mme Exemple)", " portable", " [perso]", " - mail a1@exemple.fr", " domicile")
EXTENSIONS = (" poste 12", " ext. 3", " x4", " #12", ";ext=12", " p. 7", "x123")
COUNTRIES = {"(CH) ": "CH", "(Belgique) ": "BE", "Maroc ": "MA", "🇫🇷 ": "FR", "(ES)": "ES", "🇷🇪": "RE", "US: ": "US"}
BETWEEN = (";", " ou ", " / ", ", ", "|", "\n", " & ", ",,", " - ", " et ")
LETTERS = "OoIlXBSZ"
DATES = (
    "{d:02}/{m:02}/{y}",
    "{d:02}.{m:02}.{y}",
    "{y}-{m:02}-{d:02}",
    "{y}-{m:02}-{d:02} 00:00:00",
    "{d:02}/{m:02}/{y} {h:02}:30",
    "{h:02}:{d:02}",
    "{h}h30",
    "{d}.{m:02}.{y} 10h",
    "{y}/{m:02}/{d:02}T{h:02}:15:00Z",
)


@dataclass(frozen=True, slots=True)
class Writing:
    """A cell's text and how it came about.

    Attributes:
        text: what stands in the cell.
        region: where national digits are read, '' for none.
        digits: the number that was meant, in ASCII, as if nothing had been done to it.
        plus: whether a + stood before it.
        way: what was done to it, a name of `WAYS`.
        country: the region that the cell itself names, '' for none.
        parts: the texts of its numbers where it holds several.
    """

    text: str
    region: str
    digits: str
    plus: bool
    way: str = "plain"
    country: str = ""
    parts: tuple[str, ...] = ()


def writings(family: Family, count: int, seed: int) -> list[Writing]:
    """So many writings of numbers of the family, all for one default region of it; the same seed makes the same."""
    rng = random.Random(f"{family.name} {seed}")
    region = rng.choice(family.regions) if family.regions and rng.random() < 0.95 else ""
    return [_writing(rng, family, region) for _ in range(count)]


def _writing(rng: random.Random, family: Family, region: str) -> Writing:
    number = _number(rng, family)
    digits, plus = _form(rng, number, region or (family.regions[0] if family.regions else "FR"))
    digits = _damaged(rng, digits) if rng.random() < 0.12 else digits
    plain = Writing(_punctuated(rng, digits, plus, number.code), region, digits, plus)
    if "(0)" in plain.text and digits.startswith(f"{number.code}0") and not keeps_bracketed_zero(number.code):
        plain = replace(plain, digits=digits.replace(f"{number.code}0", str(number.code), 1))
    way = rng.choices(tuple(WAYS), [weight for weight, _do in WAYS.values()])[0]
    return replace(WAYS[way][1](rng, plain, family), way=way)


def _number(rng: random.Random, family: Family) -> Example:
    roll = rng.random()
    if family.name == "french" and roll < 0.45:
        head = rng.choice(FAMILY_HEADS)
        return Example(rng.choice((33, 33, 33, *FAMILY_CODES)), head + _random(rng, 9 - len(head)))
    if roll < 0.10:
        return Example(rng.choice(family.examples).code, _random(rng, rng.randint(4, 12)))
    source = families()[rng.choice(tuple(families()))] if roll > 0.88 else family
    example = rng.choice(source.examples)
    free = rng.randint(0, min(7, len(example.national) - 1))
    return Example(example.code, example.national[: len(example.national) - free] + _random(rng, free))


def _random(rng: random.Random, count: int) -> str:
    return "".join(rng.choices("0123456789", k=count))


def _form(rng: random.Random, number: Example, region: str) -> tuple[str, bool]:
    """Digits and + of a way to dial the number."""
    code, national = str(number.code), number.national
    forms: tuple[tuple[int, str, bool], ...] = (
        (26, trunk_of(number.code, region) + national, False),
        (14, national, False),
        (18, code + national, True),
        (12, code + national, False),
        (6, "00" + code + national, False),
        (5, code + "0" + national, True),
        (3, code + "0" + national, False),
        (2, "00" + code + "0" + national, False),
        (3, idd_of(region) + code + national, False),
        (2, "00" + code + national, True),
        (2, "0" + national, True),
        (2, national, True),
        (3, "0" + national, False),
        (1, "0" + code + national, False),
        (1, "000" + code + national, False),
    )
    _weight, digits, plus = rng.choices(forms, [weight for weight, _digits, _plus in forms])[0]
    return digits, plus


def _damaged(rng: random.Random, digits: str) -> str:
    place, digit = rng.randrange(len(digits)), rng.choice("0123456789")
    if rng.random() < 0.4 and len(digits) > 1:
        return digits[:place] + digits[place + 1 :]
    return digits[:place] + digit + digits[place + (rng.random() < 0.5) :]


def _punctuated(rng: random.Random, digits: str, plus: bool, code: int) -> str:
    """The digits in groups; brackets around the first, or around a trunk zero, now and then."""
    if rng.random() < 0.35:
        return "+" * plus + digits
    between = rng.choice(_BLANKS if rng.random() < 0.6 else _SIGNS)
    own = len(str(code)) if plus and digits.startswith(str(code)) else 0
    zero = own and digits[own : own + 1] == "0" and rng.random() < 0.5
    rest = digits[own + bool(zero) :]
    size = 2 if "/" in between or rng.random() < 0.5 else 3
    first = len(rest) % size or size
    groups = [rest[:first], *(rest[place : place + size] for place in range(first, len(rest), size))]
    if rng.random() < 0.08 and groups[0] and between in _BLANKS:
        groups[0] = f"({groups[0]})"
    head = "+" * plus + digits[:own] + (rng.choice((" (0)", "(0)", " (0) ")) if zero else between if own else "")
    return head + between.join(groups)


def _same(_rng: random.Random, plain: Writing, _family: Family) -> Writing:
    return plain


def _quoted(rng: random.Random, plain: Writing, _family: Family) -> Writing:
    form = rng.choice(
        ('="{}"', "'{}", '"{}"', "tel:{}", "{},", " {} ", "{};", "\xa0{}", "{}\r\n", "«\xa0{}\xa0»", "{}\x00")
    )
    return replace(plain, text=form.format(plain.text))


def _marked(rng: random.Random, plain: Writing, _family: Family) -> Writing:
    place = rng.randrange(len(plain.text) + 1)
    return replace(plain, text=plain.text[:place] + rng.choice(_HIDDEN) + plain.text[place:])


def _scripted(rng: random.Random, plain: Writing, _family: Family) -> Writing:
    zero = rng.choice(_SCRIPTS)
    return replace(plain, text=plain.text.translate({48 + digit: zero + digit for digit in range(10)}))


def _labelled(rng: random.Random, plain: Writing, _family: Family) -> Writing:
    before = rng.random() < 0.6
    return replace(plain, text=rng.choice(LABELS) + plain.text if before else plain.text + rng.choice(NOTES))


def _named(rng: random.Random, plain: Writing, _family: Family) -> Writing:
    words = rng.choice(tuple(COUNTRIES))
    return replace(plain, text=words + plain.text, country=COUNTRIES[words])


def _floated(rng: random.Random, plain: Writing, _family: Family) -> Writing:
    return replace(plain, text="+" * plain.plus + plain.digits + rng.choice((".0", ",0", ".00", ",00")))


def _power(rng: random.Random, plain: Writing, _family: Family) -> Writing:
    return replace(plain, text=_scientific(rng, plain.digits), plus=False)


def _lost(rng: random.Random, plain: Writing, _family: Family) -> Writing:
    kept = rng.randint(1, max(1, len(plain.digits) - 2))
    return replace(plain, text=_scientific(rng, plain.digits, kept), plus=False)


def _scientific(rng: random.Random, digits: str, kept: int = 99) -> str:
    fraction = digits[1:kept]
    return f"{digits[0]}{rng.choice('.,') + fraction if fraction else ''}{rng.choice('eE')}+{len(digits) - 1:02}"


def _fraction(rng: random.Random, plain: Writing, _family: Family) -> Writing:
    sign = "." if plain.digits[0] == "0" else rng.choice(".,")  # no spreadsheet writes zeros before a fraction
    return replace(plain, text=plain.digits + sign + rng.choice(("5", "25", "000004", "1")), plus=False)


def _lettered(rng: random.Random, plain: Writing, _family: Family) -> Writing:
    places = [place for place, char in enumerate(plain.text) if char.isdigit()]
    place = rng.choice(places)
    alone = plain.text[place - 1 : place] == "(" and plain.text[place + 1 : place + 2] == ")"  # `(B)` is a note
    letter = rng.choice(LETTERS[:4] if alone else LETTERS)
    return replace(plain, text=plain.text[:place] + letter + plain.text[place + 1 :])


def _starred(rng: random.Random, plain: Writing, _family: Family) -> Writing:
    place = rng.randrange(1, len(plain.text) + 1)
    text = plain.text[:place] + rng.choice("*?~%²$") + plain.text[place:]
    encoded = "%20" in text and text.isascii() and not any(map(str.isspace, text))  # the blank of a link
    return replace(plain, text=text.replace("%", "*") if encoded else text)


def _negative(rng: random.Random, plain: Writing, _family: Family) -> Writing:
    return replace(plain, text=rng.choice(("-", "−", "- ", "(-")) + plain.digits)


def _extended(rng: random.Random, plain: Writing, _family: Family) -> Writing:
    return replace(plain, text=plain.text + rng.choice(EXTENSIONS))


def _dated(rng: random.Random, plain: Writing, _family: Family) -> Writing:
    form = rng.choice(DATES)
    text = form.format(d=rng.randint(1, 28), m=rng.randint(1, 12), y=rng.randint(1930, 2030), h=rng.randint(0, 23))
    return replace(plain, text=text)


def _worded(rng: random.Random, plain: Writing, _family: Family) -> Writing:
    words = ("ne plus appeler", "", "n/a", "NULL", "--", "#N/A", "#REF!", "=A2", "TRUE", "?", "Paris 12e", "ref 4711")
    return replace(plain, text=rng.choice(words), digits="")


def _paired(rng: random.Random, plain: Writing, family: Family) -> Writing:
    number = _number(rng, family)
    digits, plus = _form(rng, number, plain.region or "FR")
    other = ("+" * plus + digits)[: rng.choice((99, 99, 99, 2, 3))]
    parts = ("+" * plain.plus + plain.digits, other)
    return replace(plain, text=rng.choice(BETWEEN).join(parts), parts=parts)


WAYS: dict[str, tuple[int, Callable[[random.Random, Writing, Family], Writing]]] = {
    "plain": (50, _same),
    "quoted": (6, _quoted),
    "marked": (4, _marked),
    "scripted": (3, _scripted),
    "labelled": (6, _labelled),
    "named": (4, _named),
    "floated": (5, _floated),
    "power": (3, _power),
    "lost": (2, _lost),
    "fraction": (2, _fraction),
    "lettered": (4, _lettered),
    "starred": (2, _starred),
    "negative": (1, _negative),
    "extended": (2, _extended),
    "dated": (1, _dated),
    "worded": (1, _worded),
    "paired": (4, _paired),
}

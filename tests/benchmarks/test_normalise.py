"""How long it takes to normalise a column, beside phonenumbers row by row in the same run."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import numpy as np
import pandas as pd
import phonenumbers
import psutil
import pytest

from ptx_bulk.numbers import describe, format_numbers, normalise

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(1200)]
ROWS = 1_000_000
NAIVE_ROWS = 100_000
JUNK = ("", "N/A", "néant", "06 00 00", "x", "?", "0600000001 / 0740000002", "0600000001 poste 12", "3,36E+10", "#N/A")
WRITINGS: tuple[Callable[[str], str], ...] = (
    lambda n: "0" + n,
    lambda n: _pairs("0" + n, " "),
    lambda n: _pairs("0" + n, "."),
    lambda n: _pairs("0" + n, "-"),
    lambda n: _pairs("0" + n, "\xa0"),
    lambda n: _pairs("0" + n, "\u202f"),
    lambda n: "+33" + n,
    lambda n: f"+33 {n[0]} {_pairs(n[1:], ' ')}",
    lambda n: f"+33 (0){n[0]} {_pairs(n[1:], ' ')}",
    lambda n: "0033" + n,
    lambda n: "33" + n,
    lambda n: n,
    lambda n: n + ".0",
)


def _pairs(digits: str, separator: str) -> str:
    return separator.join(digits[place : place + 2] for place in range(0, len(digits), 2))


def column(rows: int) -> pd.Series:
    """87% French mobiles in mixed writings, 8% landlines, 5% damage and junk."""
    dice = random.Random(11)

    def cell() -> str:
        chance, rest = dice.random(), f"{dice.randrange(10**7):07d}"
        mobile = dice.choice(("60", "61", "62", "64", "66", "67", "68", "74", "75", "76", "77", "78")) + rest
        if chance < 0.87:
            return dice.choice(WRITINGS)(mobile)
        if chance < 0.95:
            return dice.choice(WRITINGS)(dice.choice("12345") + dice.choice("1234") + rest)
        if chance < 0.97:
            return dice.choice(JUNK)
        if chance < 0.99:
            return "0" + mobile[: dice.randrange(3, 9)] + dice.choice(("", "", "123"))
        return dice.choice(("Tél. 0{}", "0{} (Mme Exemple)")).format(mobile)

    return pd.Series([cell() for _ in range(rows)], dtype="str")


def row_by_row(raw: pd.Series) -> list[str]:
    """The usual way: parse, check, format, one cell after the other."""
    found = []
    for text in raw:
        try:
            number = phonenumbers.parse(text, "FR")
        except phonenumbers.NumberParseException:
            found.append("")
            continue
        mobile = phonenumbers.number_type(number) in (1, 2) and phonenumbers.is_valid_number(number)
        found.append(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if mobile else "")
    return found


def test_a_million_cells() -> None:
    """Prints what a million cells take, in seconds and memory."""
    raw = column(ROWS)
    started = time.perf_counter()
    row_by_row(raw[:NAIVE_ROWS])
    naive = (time.perf_counter() - started) * ROWS / NAIVE_ROWS
    before = psutil.Process().memory_info().rss
    table = [("phonenumbers row by row", naive, f"measured on {NAIVE_ROWS:,}")]
    for label in ("normalise, first column of the process", "normalise, next column"):
        started = time.perf_counter()
        lines = normalise(raw)
        table.append((label, time.perf_counter() - started, ""))
    grown = (psutil.Process().memory_info().rss - before) / 2**20
    numbers = lines["number"].to_numpy()[np.asarray(lines["number"] > 0)]
    for name, work in (
        ("describe", lambda: describe(numbers)),
        ("format_numbers national", lambda: format_numbers(numbers, "national")),
    ):
        started = time.perf_counter()
        work()
        table.append((name, time.perf_counter() - started, f"{len(numbers):,} numbers"))
    head = f"\n{ROWS:,} cells, {len(lines):,} lines, memory grown by {grown:.0f} MB"
    rows = (f"{name:42} {seconds:8.2f} s {naive / seconds:8.1f} x  {note}" for name, seconds, note in table)
    print("\n".join([head, *rows]))
    assert len(lines) >= ROWS

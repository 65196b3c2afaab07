"""Certain numbers in texts of any kind: found in whatever writing a person would read as one of them.

A text is folded to ASCII, its digits are taken with what stands between them, and every stretch of digits that a
person may see as a whole is compared with the numbers that are looked for. Nothing is asked of a text but its digits.
"""

from __future__ import annotations

from ptx_bulk.numbers.spotting.spotter import Spots, Spotter

__all__ = ["Spots", "Spotter"]

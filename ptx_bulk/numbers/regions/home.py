"""Where digits without a country code are at home: what the user, the row and the cell say about it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ptx_bulk.numbers.regions.families import FAMILY
from ptx_bulk.numbers.regions.metadata import plan_of

# What a column of regions says where a row names a country that nobody knows.
UNKNOWN_COUNTRY = "??"


@dataclass(frozen=True, slots=True)
class Home:
    """The home of a cell's national writings.

    Attributes:
        region: ISO code, '' for none.
        default: the user's region, for suggestions where the row or the cell names another; '' for none.
        foreign: the row or the cell names `region`, which is neither the default nor a part of France.
        unknown: the row names a country that nobody knows.
        international: the column writes country codes throughout, without +.
    """

    region: str = ""
    default: str = ""
    foreign: bool = False
    unknown: bool = False
    international: bool = False

    def naming(self, region: str) -> Home:
        """The home of a number for which this region is named."""
        default = self.default or self.region
        if region in FAMILY or region == default:
            return Home(region, default, international=self.international)
        if plan_of(region) is None:
            return replace(self, region="", default=default, foreign=False, unknown=True)
        return Home(region, default, foreign=True, international=self.international)


def home_of(word: str, default: str, *, international: bool) -> Home:
    """The home that an entry of a column of regions says, '' for none."""
    if not word:
        return Home("", default, international=international)
    return Home("", default, international=international).naming(word)

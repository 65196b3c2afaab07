"""Phone numbers: raw cells to E.164 or a code. The only room that knows phonenumbers."""

from __future__ import annotations

from ptx_bulk.numbers.describe import STYLES, describe, format_numbers
from ptx_bulk.numbers.e164 import e164_numbers, e164_text, parse_e164
from ptx_bulk.numbers.normalise import normalise
from ptx_bulk.numbers.regions.codes import region_or_none
from ptx_bulk.numbers.regions.country_words import country_codes, country_names
from ptx_bulk.numbers.regions.home import UNKNOWN_COUNTRY
from ptx_bulk.numbers.regions.metadata import metadata_date, metadata_version, split_number
from ptx_bulk.numbers.spotting import Spots, Spotter
from ptx_bulk.numbers.writings import ERASED, Writings

__all__ = [
    "ERASED",
    "STYLES",
    "UNKNOWN_COUNTRY",
    "Spots",
    "Spotter",
    "Writings",
    "country_codes",
    "country_names",
    "describe",
    "e164_numbers",
    "e164_text",
    "format_numbers",
    "metadata_date",
    "metadata_version",
    "normalise",
    "parse_e164",
    "region_or_none",
    "split_number",
]

"""When and by which campaign the entries of a list came there, as far as the API tells it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ptx_bulk.remote.texts import any_too_long, compact, entry_text

# What can be such a date lies between the first days of such services and now; clocks may differ by a day.
_EARLIEST = 946_684_800_000  # 2000-01-01: seconds taken for milliseconds are before it
_AHEAD_SECONDS = 86_400
# Behind every date: a moment without one, and one without what is looked for.
_UNDATED, _NOTHING = 1e300, 2e300

_Floats: TypeAlias = npt.NDArray[np.float64]
_arrow: Any = pa
_compute: Any = pc  # their stubs know less than they do
Campaigns: TypeAlias = "pa.DictionaryArray[Any, Any]"


class Moment(msgspec.Struct, gc=False):
    """One item of an entry's history as the API documents it."""

    date: int | float | None = None
    campaign: str | None = msgspec.field(default=None, name="campaignId")


History: TypeAlias = Sequence[Moment] | msgspec.Raw | None
_odd_decoder = msgspec.json.Decoder(list[Any])


@dataclass(frozen=True)
class _Piece:
    """A part of both columns; campaigns as places in `names`."""

    dates: npt.NDArray[np.int64]
    places: npt.NDArray[np.int32]
    names: pa.Array[Any]

    @classmethod
    def empty(cls, length: int) -> _Piece:
        """A part without any history."""
        return cls(np.zeros(length, np.int64), np.zeros(length, np.int32), pa.array([""], pa.large_string()))

    @property
    def campaigns(self) -> Campaigns:
        """The campaigns as a dictionary column."""
        column: Campaigns = _arrow.DictionaryArray.from_arrays(_arrow.array(self.places), self.names)
        return column


class Histories:
    """Takes the histories of a list's entries as they arrive, and gives them back as two columns.

    The earliest date counts: since then the number has been on the list. So does the earliest campaign, whether or not
    it stands beside that date: a person whose number was put there by others may say STOP themselves later on. What has
    no date comes last.
    """

    def __init__(self) -> None:
        self._latest = (time.time() + _AHEAD_SECONDS) * 1000
        self._pieces: list[_Piece | int] = []  # a number: so many entries without any
        self.kept = 0

    def take(self, histories: Sequence[History]) -> None:
        """The histories of the next entries, in their order."""
        if not any(histories):
            self._pieces.append(len(histories))
            return
        looked = [_looked_into(one) if isinstance(one, msgspec.Raw) else one or () for one in histories]
        piece = self._piece(looked)
        self._pieces.append(piece)
        self.kept += piece.dates.nbytes + piece.places.nbytes + piece.names.nbytes

    def columns(self) -> tuple[npt.NDArray[np.int64], Campaigns] | tuple[None, None]:
        """The date of each entry (ms since 1970, 0 for none) and its campaign; Nones where no entry had a history."""
        if all(isinstance(piece, int) for piece in self._pieces):
            return None, None
        # The empty one first: so '' is among the names, and the first of them.
        pieces = [_Piece.empty(piece) if isinstance(piece, int) else piece for piece in (0, *self._pieces)]
        campaigns = _arrow.chunked_array([piece.campaigns for piece in pieces]).unify_dictionaries().combine_chunks()
        return np.concatenate([piece.dates for piece in pieces]), campaigns

    def _piece(self, histories: Sequence[Sequence[Moment]]) -> _Piece:
        moments = [moment for history in histories for moment in history]
        lengths = np.fromiter(map(len, histories), np.int64, len(histories))
        dates, campaigns = self._dates(moments), _campaigns(moments)
        dated = np.where(dates > 0, dates, _UNDATED)
        with_campaign = np.where(np.asarray(_compute.not_equal(campaigns, "")), dated, _NOTHING)
        piece = _Piece.empty(len(histories))
        there = lengths > 0
        piece.dates[there] = dates[_first_of_least(dated, lengths)]
        chosen = _first_of_least(with_campaign, lengths)
        encoded = _compute.dictionary_encode(campaigns.take(_arrow.array(chosen)))
        return _Piece(piece.dates, *_places(encoded, there))

    def _dates(self, moments: Sequence[Moment]) -> _Floats:
        """The dates in ms, 0 where none can be one; a float64 holds each to the millisecond."""
        try:
            found = np.array([moment.date for moment in moments], np.float64)  # None is nan
        except OverflowError:
            found = np.array([_within(moment.date) for moment in moments], np.float64)
        return np.where((found >= _EARLIEST) & (found <= self._latest), np.floor(found), 0.0)


def _first_of_least(values: _Floats, lengths: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The place of the least value of each run of values, of the first such; runs without any are left out."""
    lengths = lengths[lengths > 0]
    starts = np.cumsum(lengths) - lengths
    if len(values) == len(starts):
        return starts
    least = np.repeat(np.minimum.reduceat(values, starts), lengths)
    run = np.repeat(np.arange(len(lengths)), lengths)
    places = np.flatnonzero(values == least)
    _runs, first = np.unique(run[places], return_index=True)
    return places[first]


def _places(encoded: Campaigns, there: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.int32], pa.Array[Any]]:
    """The place of each entry's campaign among the names, of which the first is ''."""
    places = np.zeros(len(there), np.int32)
    places[there] = np.asarray(encoded.indices) + 1
    return places, compact(pa.concat_arrays([pa.array([""], pa.large_string()), encoded.dictionary]))


def _campaigns(moments: Sequence[Moment]) -> pa.Array[Any]:
    found = pa.array([moment.campaign for moment in moments], pa.large_string()).fill_null("")
    if not any_too_long(found):
        return found
    return pa.array([entry_text(moment.campaign) for moment in moments], pa.large_string())


def _looked_into(raw: msgspec.Raw) -> list[Moment]:
    """What of an odd history can be one."""
    try:
        items = _odd_decoder.decode(raw) if raw else []
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return []
    return [_moment(item) for item in items if isinstance(item, dict)]


def _moment(item: dict[str, Any]) -> Moment:
    date, campaign = item.get("date"), item.get("campaignId")
    usable = isinstance(date, int | float) and not isinstance(date, bool)
    return Moment(date if usable else None, entry_text(campaign))


def _within(date: float | None) -> float:
    return 0.0 if date is None or abs(date) > _UNDATED else float(date)

"""A suppression list as it was read at one moment, held in columns."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeAlias, cast

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ptx_bulk.model import Accept, ListKind
from ptx_bulk.numbers import e164_numbers, normalise
from ptx_bulk.numbers.sets import distinct, members
from ptx_bulk.system.arrow_streams import stream_pieces

_HOME_REGION = "FR"
_ERASED = "\0erased"  # the spelling of an entry that was erased here; no server spells one so
_DELETED = b"deleted"
_TELLS = b"history"
_STEP = 200_000
_FEW = 10  # times as many entries as numbers
_ENTRY = ["number", "identifier", "remote_id"]
_HISTORY = frozenset({"stopped_at", "campaign_id"})
_Int64s: TypeAlias = npt.NDArray[np.int64]
_Campaigns: TypeAlias = "pa.DictionaryArray[Any, Any]"
_Texts: TypeAlias = "pa.ChunkedArray[Any]"


@dataclass(frozen=True, eq=False)
class Snapshot:
    """One list as read from the server.

    Attributes:
        kind: the list.
        taken_at: Unix time in seconds at which reading began.
        entries: one row for each live entry in the server's order: `number` (int64 E.164 digits, 0 when the
            identifier is no number), `identifier` (the server's own spelling, '' when the entry had none),
            `remote_id` (the server's id, '' when the entry had none), `stopped_at` (int64 ms since 1970 UTC at which
            the number came on the list, 0 when the server told none), `campaign_id` (by which campaign, '' for none;
            categorical, since a million entries know a few hundred campaigns).
        deleted: entries that the server sent with `deleted: true`; they are not in `entries`.
    """

    kind: ListKind
    taken_at: float
    entries: pd.DataFrame
    deleted: int = 0

    @classmethod
    def of(
        cls,
        kind: ListKind,
        taken_at: float,
        identifiers: Sequence[str] | _Texts,
        remote_ids: Sequence[str] | _Texts | None = None,
        *,
        deleted: int = 0,
        stopped_at: Sequence[int] | _Int64s | None = None,
        campaign_ids: Sequence[str] | _Campaigns | None = None,
    ) -> Snapshot:
        """A snapshot of these live entries; the other columns are as long as `identifiers`, or None for blanks."""
        spelling = _texts(identifiers)
        ids = _texts([""] * len(spelling) if remote_ids is None else remote_ids)
        columns: list[Any] = [_numbers(spelling), spelling, ids]
        table = pa.table(columns, names=_ENTRY)
        return cls(kind, taken_at, _with_history(table.to_pandas(), stopped_at, campaign_ids), deleted)

    @classmethod
    def from_blob(cls, kind: ListKind, taken_at: float, blob: bytes | memoryview) -> Snapshot:
        """The snapshot of a blob of `blob_pieces`."""
        with pa.ipc.open_stream(pa.py_buffer(blob)) as reader:
            return cls.from_table(kind, taken_at, reader.read_all())

    @classmethod
    def from_table(cls, kind: ListKind, taken_at: float, table: pa.Table) -> Snapshot:
        """The snapshot of entries as they stand in a blob, or of some of them."""
        deleted = int((table.schema.metadata or {}).get(_DELETED, b"0"))
        entries = table.replace_schema_metadata(None).select(_ENTRY).to_pandas()
        if not {*table.column_names} >= _HISTORY:  # from before there were histories
            return cls(kind, taken_at, _with_history(entries), deleted)
        # Older Arrows combine no chunks where there are none.
        campaigns = cast("_Campaigns", table["campaign_id"].combine_chunks()) if table.num_rows else ()
        return cls(kind, taken_at, _with_history(entries, table["stopped_at"].to_numpy(), campaigns), deleted)

    @staticmethod
    def has_history_in(blob: bytes | memoryview) -> bool:
        """Whether the snapshot that was written as this blob had any history; its entries are not read."""
        with pa.ipc.open_stream(pa.py_buffer(blob)) as reader:
            return bool((reader.schema.metadata or {}).get(_TELLS))

    def blob_pieces(self) -> list[bytes]:
        """The pieces of a blob of the entries, an Arrow IPC stream; a million take 9 to 15 MB."""
        about = {_DELETED: str(self.deleted), _TELLS: "yes" if self.has_history else ""}
        return stream_pieces(self._table.replace_schema_metadata(about), _STEP)

    def __len__(self) -> int:
        return len(self.entries)

    def __repr__(self) -> str:
        return f"Snapshot({self.kind.value}, {len(self)} entries, {self.deleted} deleted)"

    @cached_property
    def numbers(self) -> _Int64s:
        """The numbers on the list: sorted, each once, without 0."""
        return distinct(self.entries["number"].to_numpy())

    def contains(self, numbers: _Int64s) -> npt.NDArray[np.bool_]:
        """For each number whether the list holds it; 0 is never held."""
        if "numbers" in self.__dict__ or len(numbers) * _FEW > len(self):
            return members(numbers, self.numbers)
        mine = self.entries["number"].to_numpy()  # for few numbers a long list need not be sorted
        held = distinct(mine[members(mine, distinct(numbers))])
        return members(numbers, held)

    def numbers_only(self) -> Snapshot:
        """The same list for whoever asks which numbers it holds and no more: the rest of its entries is let go."""
        bare = replace(self, entries=self.entries[["number"]].copy())
        # Those of the whole entries, as if they had been asked for before.
        bare.__dict__.update(identity=self.identity, numbers=self.numbers)
        return bare

    def without(self, numbers: _Int64s, spelled: npt.NDArray[np.bool_]) -> Snapshot:
        """The same list with those numbers erased, and the entries whose identifier is `spelled` so.

        The entries stay, with their ids: the list is as long as it was, and an entry is known again by its id.
        """
        gone = members(self.entries["number"].to_numpy(), distinct(numbers)) | spelled
        entries = self.entries.assign(
            number=self.entries["number"].mask(gone, 0), identifier=self.entries["identifier"].mask(gone, _ERASED)
        )
        return replace(self, entries=entries)

    def knew(self, entries: pd.DataFrame) -> npt.NDArray[np.bool_]:
        """For each entry of another reading whether this one held its number, or the entry before it was erased."""
        mine = self.entries
        erased = mine["remote_id"][(mine["identifier"] == _ERASED).to_numpy()]
        again = entries["remote_id"].isin(erased[erased != ""]).to_numpy(dtype=bool)
        return self.contains(entries["number"].to_numpy()) | again

    def identifiers_of(self, numbers: _Int64s) -> dict[int, tuple[str, ...]]:
        """Every spelling of each number that the list holds, in the server's order; others are left out."""
        found: dict[int, dict[str, None]] = {}
        rows = self.rows_of(numbers)
        for number, identifier in zip(rows["number"].tolist(), rows["identifier"].tolist(), strict=True):
            found.setdefault(number, {})[identifier] = None
        return {number: tuple(spellings) for number, spellings in found.items()}

    def ids_of(self, numbers: _Int64s) -> dict[int, str]:
        """The server's id of the first entry of each number that the list holds; others are left out."""
        rows = self.rows_of(numbers).drop_duplicates("number")
        return dict(zip(rows["number"].tolist(), rows["remote_id"].tolist(), strict=True))

    def entry_ids_of(self, numbers: _Int64s) -> dict[int, tuple[str, ...]]:
        """The server's ids of all entries of each number that the list holds, sorted; others are left out."""
        found: dict[int, set[str]] = {}
        rows = self.rows_of(numbers)
        for number, remote_id in zip(rows["number"].tolist(), rows["remote_id"].tolist(), strict=True):
            found.setdefault(number, set()).add(remote_id)
        return {number: tuple(sorted(ids)) for number, ids in found.items()}

    def since_of(self, numbers: _Int64s) -> dict[int, tuple[str, str]]:
        """Since when the list holds each number (ISO 8601 in UTC) and by which campaign; '' where that is unknown.

        Told by the first entry of the number that has either; numbers that the list does not hold are left out.
        """
        rows = first_told(self.rows_of(numbers))
        since = zip(utc_texts(rows["stopped_at"].to_numpy()), rows["campaign_id"].tolist(), strict=True)
        return dict(zip(rows["number"].tolist(), since, strict=True))

    @cached_property
    def has_history(self) -> bool:
        """Whether the server told of any entry when or why it came there."""
        return bool((self.entries["stopped_at"] > 0).any() or (self.entries["campaign_id"] != "").any())

    @cached_property
    def identity(self) -> str:
        """What tells one state of a list from every other: SHA-256 of its sorted (identifier, id) pairs, in hex.

        Two readings have the same identity if and only if they hold the same pairs equally often, in whatever order.
        The ids belong to it: a number that was taken off and listed anew is another entry, perhaps another consent.
        Histories do not: they tell of an entry and are not what stands on the list, and a plan must not grow stale
        because the server tells more of the same entries than before.
        """
        pairs = self._table.select(["identifier", "remote_id"])
        order = pc.sort_indices(pairs, sort_keys=[(name, "ascending") for name in pairs.column_names])
        digest = hashlib.sha256(f"ptx-bulk list state\n{len(self)}\n".encode())
        for column in pairs.columns:
            for part in _framed(column, order):
                digest.update(part)
        return digest.hexdigest()

    def rows_of(self, numbers: _Int64s) -> pd.DataFrame:
        """The entries of these numbers, in the server's order."""
        return self.entries[members(self.entries["number"].to_numpy(), distinct(numbers))]

    @cached_property
    def _table(self) -> pa.Table:
        return pa.Table.from_pandas(self.entries, preserve_index=False)


def _texts(values: Sequence[str] | _Texts) -> _Texts:
    # `large_string` is what pandas keeps its `str` columns in, so nothing is copied on the way there.
    if isinstance(values, pa.ChunkedArray):
        return values.cast(pa.large_string())
    return pa.chunked_array([pa.array(values, pa.large_string())])


def _with_history(
    entries: pd.DataFrame,
    stopped_at: Sequence[int] | _Int64s | None = None,
    campaign_ids: Sequence[str] | _Campaigns | None = None,
) -> pd.DataFrame:
    blank = stopped_at is None
    dates = np.zeros(len(entries), np.int64) if blank else np.asarray(stopped_at, dtype=np.int64)
    return entries.assign(stopped_at=dates, campaign_id=_campaigns(campaign_ids, len(entries)))


def _campaigns(ids: Sequence[str] | _Campaigns | None, length: int) -> Any:  # noqa: ANN401 - a categorical of texts
    """The campaigns as a categorical; '' is always among the categories, so that blanks can be put in later on."""
    if ids is None:
        return pd.Categorical.from_codes(np.zeros(length, np.int8), categories=pd.Index([""], dtype="str"))
    found: Any = ids if isinstance(ids, pa.DictionaryArray) else pa.array(ids, pa.large_string()).dictionary_encode()
    names: pd.Index[str] = pd.Index(found.dictionary.to_pandas(), dtype="str")
    if "" not in names:
        names = names.append(pd.Index([""], dtype="str"))
    return pd.Categorical.from_codes(found.indices.to_numpy(), categories=names)


def first_told(entries: pd.DataFrame) -> pd.DataFrame:
    """One entry for each number: the first that tells since when or by which campaign, else the first."""
    silent = (entries["stopped_at"] == 0).to_numpy() & (entries["campaign_id"] == "").to_numpy()
    return entries.iloc[np.argsort(silent, kind="stable")].drop_duplicates("number")


def utc_texts(moments: _Int64s) -> list[str]:
    """Moments in ms since 1970 as ISO 8601 in UTC, '' for 0."""
    texts: list[str] = np.datetime_as_string(moments.astype("datetime64[ms]"), unit="s", timezone="UTC").tolist()
    return [text if moment > 0 else "" for text, moment in zip(texts, moments.tolist(), strict=True)]


def _framed(column: _Texts, order: pa.Array[Any]) -> Iterator[bytes]:
    """The lengths of the texts and then the texts themselves, so that no two columns of one length give the same bytes.

    Some at a time, in this order: a sorted copy of a long list would take as much memory as the list.
    """
    pieces = [one.cast(pa.large_string()) for one in column.chunks] or [pa.array([], pa.large_string())]
    texts: Any = pieces[0] if len(pieces) == 1 else pa.concat_arrays(pieces)
    steps = range(0, len(texts), _STEP)
    for at in steps:
        ends = _ends(texts.take(order.slice(at, _STEP)))
        yield (ends[1:] - ends[:-1]).astype("<i8").tobytes()
    for at in steps:
        part = texts.take(order.slice(at, _STEP))
        ends, data = _ends(part), part.buffers()[2]
        # The bytes as they lie in Arrow's buffer: a million texts are hashed without becoming objects.
        yield b"" if data is None else data[int(ends[0]) : int(ends[-1])].to_pybytes()


def _ends(texts: pa.Array[Any]) -> _Int64s:
    """Where each text ends in the bytes of all, and before them where the first one begins."""
    offsets: Any = texts.buffers()[1]
    return np.frombuffer(memoryview(offsets), dtype=np.int64)[texts.offset : texts.offset + len(texts) + 1]


def _numbers(identifiers: _Texts) -> _Int64s:
    """The number each identifier stands for, 0 for none; national spellings are French."""
    # Some at a time: the steps between take several times the memory of what goes in.
    pieces = [_numbers_of(identifiers.slice(at, _STEP)) for at in range(0, len(identifiers), _STEP)]
    return np.concatenate(pieces) if pieces else np.zeros(0, dtype=np.int64)


def _numbers_of(identifiers: _Texts) -> _Int64s:
    # What is written like E.164 counts as its digits even where no operator has such a number:
    # it is what the server holds, so it must stay comparable and removable.
    numbers = e164_numbers(identifiers)
    other = np.flatnonzero(numbers == 0)
    if len(other):
        numbers[other] = _spelled_otherwise(identifiers.take(other))
    return numbers


def _spelled_otherwise(identifiers: _Texts) -> _Int64s:
    found = normalise(identifiers.to_pandas(), None, region=_HOME_REGION, accept=Accept.ANY)
    cell = found["cell"].to_numpy()
    # An entry names one number: an identifier in which several can be read names none.
    single = np.bincount(cell, minlength=len(identifiers)) == 1
    numbers = np.zeros(len(identifiers), dtype=np.int64)
    numbers[cell] = found["number"].to_numpy()
    return np.where(single, numbers, 0)

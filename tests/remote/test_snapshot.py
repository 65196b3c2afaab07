"""A snapshot answers the same as a plain dictionary of the list would."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptx_bulk.model import ListKind
from ptx_bulk.snapshot import Snapshot

CLEAN = st.integers(1, 999_999_999_999_999).map("+{}".format)
ODD = st.sampled_from(["", "n/a", "+", "+0600000000", "+1234567890123456", "0600000000", "06 00 00 00 00", "\x00", "é"])
IDENTIFIERS = st.lists(st.one_of(CLEAN, CLEAN, ODD), max_size=30)


def snapshot(identifiers: list[str], deleted: int = 0) -> Snapshot:
    ids = [f"{at:024x}" for at in range(len(identifiers))]
    return Snapshot.of(ListKind.STOP, 12.5, identifiers, ids, deleted=deleted)


def array(*numbers: int) -> np.ndarray:
    return np.array(numbers, dtype=np.int64)


@given(IDENTIFIERS, st.integers(0, 9))
def test_a_blob_gives_the_snapshot_back(identifiers: list[str], deleted: int) -> None:
    """What goes into the journal comes out of it the same."""
    before = snapshot(identifiers, deleted)
    after = Snapshot.from_blob(ListKind.STOP, 12.5, b"".join(before.blob_pieces()))
    assert after.entries.equals(before.entries)
    assert list(after.entries.dtypes) == list(before.entries.dtypes)
    assert (after.kind, after.taken_at, after.deleted) == (before.kind, before.taken_at, before.deleted)
    assert after.identity == before.identity


@given(IDENTIFIERS, st.lists(st.integers(0, 999_999_999_999_999), max_size=10))
def test_look_ups_agree_with_the_entries(identifiers: list[str], others: list[int]) -> None:
    """Membership, spellings and ids are those of the rows, and absent numbers have none."""
    taken = snapshot(identifiers)
    rows = list(zip(*(taken.entries[name].tolist() for name in ("number", "identifier", "remote_id")), strict=True))
    held = {number for number, _identifier, _id in rows if number}
    asked = array(*held, *others, 0)
    assert len(taken) == len(identifiers)
    assert taken.numbers.tolist() == sorted(held)
    assert taken.contains(asked).tolist() == [number in held for number in asked.tolist()]
    assert set(taken.identifiers_of(asked)) == {number for number in asked.tolist() if number in held}
    for number, spellings in taken.identifiers_of(asked).items():
        assert list(spellings) == list(dict.fromkeys(i for n, i, _id in rows if n == number))
        assert taken.ids_of(asked)[number] == next(one for n, _i, one in rows if n == number)


# Texts that could be taken for one another when they are strung together carelessly.
PARTS = st.text("+3\0 :é", max_size=3)
PAIRS = st.lists(st.tuples(PARTS, PARTS), max_size=6)


def of_pairs(pairs: list[tuple[str, str]]) -> Snapshot:
    return Snapshot.of(ListKind.STOP, 0.0, [pair[0] for pair in pairs], [pair[1] for pair in pairs])


@pytest.mark.slow
@given(PAIRS, PAIRS, st.randoms(use_true_random=False))
def test_two_readings_are_the_same_state_if_they_hold_the_same_pairs(one, other, random) -> None:
    """Two readings have one identity if and only if the multiset of their (identifier, id) pairs is the same."""
    shuffled = random.sample(one, len(one))
    assert of_pairs(one).identity == of_pairs(shuffled).identity
    assert (of_pairs(one).identity == of_pairs(other).identity) == (Counter(one) == Counter(other))


@pytest.mark.slow
@given(PAIRS.filter(bool), st.data())
def test_a_text_that_moves_or_changes_gives_another_state(pairs, data) -> None:
    """Another id, another spelling, a pair more, or texts that change places make another state."""
    at = data.draw(st.integers(0, len(pairs) - 1))
    identifier, remote_id = pairs[at]
    for changed in ((identifier, remote_id + "x"), (identifier + "x", remote_id), (identifier + remote_id + "x", "")):
        assert of_pairs([*pairs[:at], changed, *pairs[at + 1 :]]).identity != of_pairs(pairs).identity
    assert of_pairs([*pairs, pairs[at]]).identity != of_pairs(pairs).identity


def test_the_identity_does_not_hang_on_how_the_columns_lie_in_memory() -> None:
    """Columns in several chunks, as large files are read, are the same state as in one."""
    identifiers, ids = [f"+3360000000{at}" for at in range(9)], [f"id{at}" for at in range(9)]
    chunks = [pa.chunked_array([texts[:4], texts[4:4], texts[4:]], pa.string()) for texts in (identifiers, ids)]
    pieces = Snapshot.of(ListKind.STOP, 0.0, chunks[0], chunks[1])
    assert pieces.identity == of_pairs(list(zip(identifiers, ids, strict=True))).identity


def test_all_entries_of_a_number_are_named() -> None:
    """A number that stands on the list under two spellings has the ids of both, and no other number's."""
    taken = Snapshot.of(ListKind.STOP, 0.0, ["+33600000000", "0600000000", "+33600000001"], ["b", "a", "c"])
    assert taken.entry_ids_of(array(33600000000, 33600000009)) == {33600000000: ("a", "b")}


def test_spellings_of_one_number_are_one_number() -> None:
    """National, spaced and international spellings compare as one number, and each keeps its own spelling."""
    taken = snapshot(["+33600000000", "0600000000", "06 00 00 00 00", "33600000000", "+33600000000"])
    assert taken.numbers.tolist() == [33600000000]
    spellings = ("+33600000000", "0600000000", "06 00 00 00 00", "33600000000")
    assert taken.identifiers_of(array(33600000000)) == {33600000000: spellings}


@given(st.lists(st.integers(0, 30), min_size=31), st.lists(st.integers(0, 40), max_size=3))
def test_few_numbers_are_looked_for_in_a_long_list_as_many_are(listed: list[int], asked: list[int]) -> None:
    """Membership is the same whether the list's numbers were sorted before or not; 0 is never held."""
    taken, sorted_before = (snapshot([f"+336000000{n:02}" if n else "no number" for n in listed]) for _ in range(2))
    numbers = array(*(33600000000 + n if n else 0 for n in asked))
    assert len(sorted_before.numbers) == len({*listed} - {0})
    held = [n in listed and n > 0 for n in asked]
    assert [taken.contains(numbers).tolist(), sorted_before.contains(numbers).tolist()] == [held, held]


def test_what_the_server_holds_stays_removable() -> None:
    """Digits after a plus are a number even where no operator has it; words and several numbers are none."""
    taken = snapshot(["+999123", "+33712345678", "words", "0600000000 / 0600000001", ""])
    assert taken.entries["number"].tolist() == [999123, 33712345678, 0, 0, 0]
    assert not taken.contains(array(0)).any()


def test_its_numbers_alone_are_those_of_the_list() -> None:
    """A list whose entries were let go answers which numbers it holds, and is known as the list that it was."""
    whole = snapshot(["+33612345678", "0612345679", "no number", "+33612345678"])
    bare = whole.numbers_only()
    assert bare.numbers.tolist() == whole.numbers.tolist()
    assert (len(bare), bare.identity) == (4, whole.identity)
    assert bare.contains(array(33612345678, 33612345680)).tolist() == [True, False]
    assert bare.entries.columns.tolist() == ["number"]


def test_an_empty_list_is_a_list() -> None:
    """A list without entries answers every question."""
    empty = snapshot([])
    assert (len(empty), empty.numbers.tolist(), empty.identifiers_of(array(1)), empty.ids_of(array(1))) == (
        0,
        [],
        {},
        {},
    )
    assert empty.contains(array(1, 2)).tolist() == [False, False]
    assert Snapshot.from_blob(ListKind.STOP, 0.0, b"".join(empty.blob_pieces())).entries.equals(empty.entries)


def test_since_when_a_number_is_listed_is_told_by_its_first_entry_that_knows() -> None:
    """Date and campaign are those of the first entry of a number that has either; blanks where none has."""
    taken = Snapshot.of(
        ListKind.STOP,
        0.0,
        ["+33600000000", "0600000000", "+33600000001", "+33600000002", "+33600000000"],
        stopped_at=[0, 1_769_854_830_500, 0, 0, 1_000_000_000_000],
        campaign_ids=["", "spring", "", "june", "other"],
    )
    assert taken.since_of(array(33600000000, 33600000001, 33600000002, 33600000009, 0)) == {
        33600000000: ("2026-01-31T10:20:30Z", "spring"),
        33600000001: ("", ""),
        33600000002: ("", "june"),
    }


@given(st.lists(st.tuples(CLEAN, st.sampled_from([0, 1_769_854_830_500]), st.sampled_from(["", "a", "b"])), max_size=9))
def test_a_history_goes_through_the_blob_and_is_no_part_of_the_identity(rows) -> None:
    """Dates and campaigns come out of the journal as they went in, and do not tell one state of a list from another."""
    identifiers, dates, campaigns = ([row[at] for row in rows] for at in range(3))
    before = Snapshot.of(ListKind.STOP, 1.0, identifiers, stopped_at=dates, campaign_ids=campaigns)
    after = Snapshot.from_blob(ListKind.STOP, 1.0, b"".join(before.blob_pieces()))
    assert after.entries["stopped_at"].tolist() == dates
    assert after.entries["campaign_id"].tolist() == campaigns
    assert Snapshot.has_history_in(b"".join(before.blob_pieces())) == (any(dates) or any(campaigns))
    assert before.identity == Snapshot.of(ListKind.STOP, 2.0, identifiers).identity


def test_a_blob_from_before_there_were_histories_reads_as_blanks() -> None:
    """Entries that an older version stored have blanks for dates and campaigns, and every look-up works on them."""
    old = pa.table(
        {
            "number": pa.array([33600000000]),
            "identifier": pa.array(["+33600000000"], pa.large_string()),
            "remote_id": pa.array(["a"], pa.large_string()),
        },
    ).replace_schema_metadata({"deleted": "3"})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, old.schema) as writer:
        writer.write_table(old)
    read = Snapshot.from_blob(ListKind.STOP, 0.0, bytes(sink.getvalue()))
    anew = Snapshot.of(ListKind.STOP, 0.0, ["+33600000000"], ["a"], deleted=3)
    assert read.entries.equals(anew.entries)
    assert (read.deleted, read.since_of(array(33600000000))) == (3, {33600000000: ("", "")})
    assert not Snapshot.has_history_in(bytes(sink.getvalue()))

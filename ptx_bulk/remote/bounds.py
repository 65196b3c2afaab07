"""How much of an answer is taken in, whatever the server sends: bytes, entries, lengths, speed."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Iterator

import httpx

from ptx_bulk.errors import AnswerTooBig
from ptx_bulk.i18n import Quantity, _

# The API's small answers take some hundred bytes; a proxy's error page some ten thousand.
SMALL_BYTES = 512 << 10
# A list is as long as it has entries: so much in any case, and so much more for each entry that was read.
_LIST_BYTES = 64 << 20
_BYTES_AN_ENTRY = 4 << 10
# Numbers and ids differ from each other, so gzip packs real entries some twenty times at most.
_LIST_RATIO = 200
# What is kept of the lists of one account together: some eleven million entries as the API has them.
KEPT_BYTES = 640 << 20
# What brings fewer bytes a second than this is no list on its way.
LEAST_SPEED = 1024
_STEP = 64 << 10
_MOST_MEMBERS = 1000  # each costs more time than bytes


async def inflated(response: httpx.Response) -> AsyncIterator[bytes]:
    """The body in parts of at most 64 KB, unpacked no faster than they are taken; some are empty.

    Raises:
        httpx.DecodingError: the packing is damaged, cut off, or not the one that was asked for.
    """
    encoding = response.headers.get("content-encoding", "").strip().lower()
    if encoding not in {"", "identity", "gzip", "x-gzip"}:
        raise httpx.DecodingError("")
    gunzip = _Gunzip() if encoding.endswith("gzip") else None
    async for part in response.aiter_raw():
        if gunzip is None:
            yield part
            continue
        yield b""  # what arrived counts even when nothing comes out of it
        for piece in gunzip.pieces(part):
            yield piece
    if gunzip is not None and not gunzip.complete:
        raise httpx.DecodingError("")


class _Gunzip:
    """Unpacks gzip members one after the other."""

    def __init__(self) -> None:
        self._member = _member()
        self._begun = False
        self._members = 1

    @property
    def complete(self) -> bool:
        """Whether the last member has ended, or not a byte came, as in a 204."""
        return self._member.eof or not self._begun

    def pieces(self, packed: bytes) -> Iterator[bytes]:
        """What comes out of the next packed bytes, a bounded piece at a time."""
        piece = b""
        # After a full piece more may wait inside, but not where the member has ended with it.
        while packed or (len(piece) == _STEP and not self._member.eof):
            if self._member.eof:
                self._next_member()
            self._begun = True
            try:
                piece = self._member.decompress(packed, _STEP)
            except zlib.error as error:
                raise httpx.DecodingError("") from error
            yield piece
            packed = self._member.unused_data or self._member.unconsumed_tail

    def _next_member(self) -> None:
        self._members += 1
        if self._members > _MOST_MEMBERS:
            raise httpx.DecodingError("")
        self._member = _member()


def _member() -> zlib._Decompress:
    return zlib.decompressobj(16 + zlib.MAX_WBITS)


def check_small(response: httpx.Response, taken: int) -> None:
    """Refuse an answer to a single call of which more was taken in than any such answer has.

    Raises:
        AnswerTooBig: it is too big, packed or unpacked.
    """
    if max(taken, response.num_bytes_downloaded) > SMALL_BYTES:
        raise AnswerTooBig(
            _(
                "The answer (HTTP {status}) is longer than {size} KB, as no answer of the API is, and was not read on; "
                "check the base URL and the proxy."
            ).format(status=response.status_code, size=SMALL_BYTES >> 10),
            http_status=response.status_code,
        )


def check_list(response: httpx.Response, taken: int, entries: int) -> None:
    """Refuse a list that is much longer than the entries read from it so far.

    Raises:
        AnswerTooBig: it is too big for its entries, or unpacks to too much.
    """
    packed = response.num_bytes_downloaded
    if max(taken, packed) > _LIST_BYTES + _BYTES_AN_ENTRY * entries or taken > _LIST_BYTES + _LIST_RATIO * packed:
        raise AnswerTooBig(
            _(
                "The list was not read on after {size:,} MB with {count:,} entries, since no list of the API is like "
                "that, and is not used; check the base URL and the proxy."
            ).format(size=Quantity(max(taken, packed) >> 20), count=Quantity(entries)),
            http_status=response.status_code,
        )


def entry_too_long(status: int) -> AnswerTooBig:
    """The refusal of a list with an endless entry."""
    return AnswerTooBig(
        _(
            "An entry of the list does not end within 1 MB, so the list was not read on and is not used; "
            "check the base URL and the proxy."
        ),
        http_status=status,
    )


def too_many_entries(status: int, entries: int) -> AnswerTooBig:
    """The refusal of a list that memory cannot hold."""
    return AnswerTooBig(
        _(
            "The list was not read on after {count:,} entries, since more do not fit into the memory that ptx-bulk "
            "allows itself, and is not used; check the base URL, or have Primotexto clean the list."
        ).format(count=Quantity(entries)),
        http_status=status,
    )

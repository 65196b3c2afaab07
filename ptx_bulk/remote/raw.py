"""An answer as it came: status, headers, body, and what the body says in the vendor's terms."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import msgspec

from ptx_bulk.remote.texts import entry_text

_TEXT_LIMIT = 200
_EXCERPT = 4_000
_MASK = "***"
_TAGS = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class RawAnswer:
    """An answer as it came, and the key that is to stay out of every text made from it.

    `headers` is asked for names in small letters; `base_url` says where the answer came from.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    key: str
    base_url: str = ""

    def __repr__(self) -> str:
        return f"RawAnswer({self.status}, {len(self.body)} bytes)"

    @property
    def ok(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300

    @cached_property
    def content(self) -> object:
        """The body as JSON; None when it is none."""
        try:
            return msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None

    @property
    def documented(self) -> bool:
        """Whether the body is of a documented kind: empty, or a JSON object."""
        return isinstance(self.content, dict) or not self.body.strip()

    @property
    def code(self) -> int | None:
        """The vendor's numeric code, None when the body holds none."""
        value = self._member("code")
        if isinstance(value, str) and re.fullmatch(r"[0-9]{1,6}", value):
            return int(value)
        # SQLite and Parquet keep 64 bits; what is beyond them is no code of the vendor's.
        known = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 63
        return cast("int", value) if known else None

    @property
    def text(self) -> str:
        """The API's own text, fit to be shown; '' when the body holds none."""
        for name in ("message", "error"):
            value = self._member(name)
            if isinstance(value, str):
                return self.clean(value)
        return ""

    @property
    def identity(self) -> str:
        """The `id` in the body, cut to the length that an id of a list has at most; '' when it holds none."""
        value = self._member("id")
        return entry_text(value) if isinstance(value, str | int) else ""

    def number(self, name: str) -> float | None:
        """A number in the body, None when it holds none that is finite."""
        value = self._member(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        try:
            return float(value) if math.isfinite(value) else None
        except OverflowError:
            return None

    @property
    def summary(self) -> str:
        """Status, code and text for an error's sentence; of a body that is no JSON its first words."""
        parts = [f"HTTP {self.status}"]
        if self.code is not None:
            parts.append(f"code {self.code}")
        text = self.text
        if not text and self.content is None:
            masked = self.body.replace(self.key.encode(), _MASK.encode()) if self.key else self.body
            text = self.clean(_TAGS.sub(" ", masked[:_EXCERPT].decode("utf-8", "replace")))
        return ", ".join(parts) + (f": {text}" if text else "")

    def clean(self, text: str) -> str:
        """The text on one line, without control characters and without the key, at most 200 characters."""
        masked = text.replace(self.key, _MASK) if self.key else text
        shown = "".join(character if character.isprintable() else " " for character in masked[:_EXCERPT])
        short = " ".join(shown.split())
        return short if len(short) <= _TEXT_LIMIT else short[: _TEXT_LIMIT - 1] + "…"

    def _member(self, name: str) -> object:
        return self.content.get(name) if isinstance(self.content, dict) else None

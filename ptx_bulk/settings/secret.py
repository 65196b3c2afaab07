"""A text that must not be seen: the key of an account."""

from __future__ import annotations

from ptx_bulk.masking import hide

_MASK = "***"


class Secret:
    """A text that shows as `***` everywhere but in `reveal()`.

    Attributes:
        source: where it came from, in words fit for the screen.
    """

    __slots__ = ("_value", "source")

    def __init__(self, value: str, *, source: str = "") -> None:
        self._value = value
        hide(value.strip())
        self.source = source

    def reveal(self) -> str:
        """The text itself."""
        return self._value

    def __repr__(self) -> str:
        return f"Secret({_MASK!r})"

    def __str__(self) -> str:
        return _MASK

    def __format__(self, spec: str) -> str:
        return format(_MASK, spec)

    def __eq__(self, other: object) -> bool:
        return self._value == other._value if isinstance(other, Secret) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> str:
        raise TypeError("a Secret is not pickled")

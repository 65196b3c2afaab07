"""Finite automata over digits, compiled at run time from the regular expressions of phonenumbers' metadata.

They answer what `re` cannot: whether all strings that begin with given digits match alike. Compilation is by
derivatives (Brzozowski): a state is the expression that the rest of the string has to match.
"""

from __future__ import annotations

from functools import cache
from threading import RLock

from ptx_bulk.numbers.patterns.states import END, States, Symbol

_ANY_DIGIT = (1 << 10) - 1
_STATES = States()
# All automata share the states, and every thread that reads numbers may add to them.
_GROWING = RLock()


class UnknownSyntax(ValueError):
    """The expression uses something that metadata did not use so far."""


class Automaton:
    """One expression of the metadata."""

    def __init__(self, pattern: str) -> None:
        with _GROWING:
            self._start = _Parser(pattern).whole()

    def after(self, digits: str) -> int:
        """The state after these digits."""
        with _GROWING:
            return _STATES.walk(self._start, digits)

    def could_reach(self, head: str, length: int) -> bool:
        """Whether some string of `length` digits that begins with `head` matches."""
        with _GROWING:
            return _some(self.after(head), length - len(head))

    def settles(self, head: str, rest: int) -> bool:
        """Whether `rest` more digits decide nothing: all completions of `head` match, or none does."""
        with _GROWING:
            return _alike(self.after(head), rest)

    def ends_within(self, head: str, rest: int) -> bool:
        """Whether a match at the start, if there is one, surely ends within `head`."""
        with _GROWING:
            return _quiet(self.after(head), rest)

    def settles_start(self, head: str, rest: int) -> bool:
        """Whether `head` decides that the start matches, or that it does not."""
        with _GROWING:
            state = self._start
            for digit in head:
                if _STATES.accepts(state):
                    return True
                state = _STATES.step(state, ord(digit) - 48)
            return _STATES.accepts(state) or _quiet(state, rest)


@cache
def automaton(pattern: str) -> Automaton:
    """The automaton of a pattern.

    Raises:
        UnknownSyntax: The pattern is beyond what metadata used so far.
    """
    return Automaton(pattern)


@cache
def _ahead(state: int, digits: int) -> frozenset[int]:
    states = frozenset((state,))
    for _ in range(digits):
        states = frozenset(_STATES.step(one, digit) for one in states for digit in range(10))
    return states


@cache
def _some(state: int, digits: int) -> bool:
    return any(map(_STATES.accepts, _ahead(state, digits)))


@cache
def _alike(state: int, digits: int) -> bool:
    return len(set(map(_STATES.accepts, _ahead(state, digits)))) == 1


@cache
def _quiet(state: int, digits: int) -> bool:
    if any(_STATES.accepts(one) for length in range(1, digits + 1) for one in _ahead(state, length)):
        return False
    return not any(_STATES.accepts(_STATES.step(one, END)) for one in _ahead(state, digits))


class _Parser:
    """Recursive descent over the little of `re` that metadata needs."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0

    def whole(self) -> int:
        state = self._alternatives()
        if self._at != len(self._pattern):
            raise self._unknown()
        return state

    def _unknown(self) -> UnknownSyntax:
        return UnknownSyntax(f"{self._pattern!r} at {self._at}")

    def _peek(self) -> str:
        return self._pattern[self._at : self._at + 1]

    def _take(self, text: str) -> bool:
        if found := self._pattern.startswith(text, self._at):
            self._at += len(text)
        return found

    def _alternatives(self) -> int:
        options = [self._sequence()]
        while self._take("|"):
            options.append(self._sequence())
        return _STATES.either(*options)

    def _sequence(self) -> int:
        parts = []
        while self._peek() not in ("", "|", ")"):
            parts.append(self._quantified(self._atom()))
        state = _STATES.empty
        for part in reversed(parts):
            state = _STATES.then(part, state)
        return state

    def _atom(self) -> int:
        if self._take("(?:") or self._take("("):
            inner = self._alternatives()
            if not self._take(")"):
                raise self._unknown()
            return inner
        if self._take("["):
            return self._class()
        if self._take(r"\d"):
            return _STATES.place(Symbol(_ANY_DIGIT))
        if self._take("$"):
            return _STATES.place(Symbol(1 << END))
        if self._peek() in "0123456789":
            self._at += 1
            return _STATES.place(Symbol(1 << int(self._pattern[self._at - 1])))
        raise self._unknown()

    def _class(self) -> int:
        text, closed, _ = self._pattern[self._at :].partition("]")
        self._at += len(text) + 1
        spans = text.replace("-", "")
        if not closed or not (spans.isascii() and spans.isdigit()):
            raise self._unknown()
        mask = sum(1 << int(digit) for digit in set(spans))
        for low, high in ((text[i - 1], text[i + 1]) for i, sign in enumerate(text) if sign == "-"):
            mask |= sum(1 << digit for digit in range(int(low), int(high) + 1))
        return _STATES.place(Symbol(mask))

    def _quantified(self, atom: int) -> int:
        if self._take("?"):
            return _STATES.repeat(atom, 0, 1)
        if not self._take("{"):
            return atom
        text, closed, _ = self._pattern[self._at :].partition("}")
        self._at += len(text) + 1
        least, comma, most = text.partition(",")
        if not closed or not least.isdigit() or (most and not most.isdigit()):
            raise self._unknown()
        return _STATES.repeat(atom, int(least), (int(most) if most else None) if comma else int(least))

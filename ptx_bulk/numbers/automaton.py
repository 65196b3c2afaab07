"""Finite automata over digits, compiled at run time from the regular expressions of phonenumbers' metadata.

They answer what `re` cannot: whether all strings that begin with given digits match alike. Compilation is by
derivatives (Brzozowski): a state is the expression that the rest of the string has to match.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

_END = 10  # the symbol after the last digit, for `$`
_SYMBOLS = 11
_ANY_DIGIT = (1 << 10) - 1


@dataclass(frozen=True, slots=True)
class _Empty:
    """Matches the empty string alone."""


@dataclass(frozen=True, slots=True)
class _Nothing:
    """Matches no string."""


@dataclass(frozen=True, slots=True)
class _Symbol:
    """One symbol of a set, as a bit mask."""

    mask: int


@dataclass(frozen=True, slots=True)
class _Then:
    first: int
    rest: int


@dataclass(frozen=True, slots=True)
class _Either:
    options: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Repeat:
    inner: int
    least: int
    most: int | None


_Expression = _Empty | _Nothing | _Symbol | _Then | _Either | _Repeat


class _States:
    """All expressions met so far; a state is the place of its expression, so states compare as integers."""

    def __init__(self) -> None:
        self._places: dict[_Expression, int] = {}
        self._expressions: list[_Expression] = []
        self._steps: list[list[int]] = []
        self._accepts: list[bool] = []
        self.empty = self.place(_Empty())
        self.nothing = self.place(_Nothing())

    def place(self, expression: _Expression) -> int:
        """The state of an expression."""
        if expression not in self._places:
            self._places[expression] = len(self._expressions)
            self._expressions.append(expression)
            self._steps.append([-1] * _SYMBOLS)
            self._accepts.append(self._takes_nothing(expression))
        return self._places[expression]

    def accepts(self, state: int) -> bool:
        """Whether the empty rest matches."""
        return self._accepts[state]

    def step(self, state: int, symbol: int) -> int:
        """The state after one more symbol."""
        ahead = self._steps[state][symbol]
        if ahead < 0:
            ahead = self._steps[state][symbol] = self._derived(self._expressions[state], symbol)
        return ahead

    def walk(self, state: int, digits: str) -> int:
        """The state after these digits."""
        for digit in digits:
            ahead = self._steps[state][ord(digit) - 48]
            state = ahead if ahead >= 0 else self.step(state, ord(digit) - 48)
            if state == self.nothing:
                break
        return state

    def then(self, first: int, rest: int) -> int:
        """First one, then the other."""
        if self.nothing in (first, rest):
            return self.nothing
        if self.empty in (first, rest):
            return rest if first == self.empty else first
        return self.place(_Then(first, rest))

    def either(self, *states: int) -> int:
        """Any of these."""
        options: set[int] = set()
        for state in states:
            expression = self._expressions[state]
            options |= expression.options if isinstance(expression, _Either) else {state}
        options.discard(self.nothing)
        if len(options) <= 1:
            return options.pop() if options else self.nothing
        return self.place(_Either(frozenset(options)))

    def repeat(self, inner: int, least: int, most: int | None) -> int:
        """One of these `least` to `most` times, None for without end."""
        if most == 0:
            return self.empty
        return inner if (least, most) == (1, 1) else self.place(_Repeat(inner, least, most))

    def _takes_nothing(self, expression: _Expression) -> bool:
        match expression:
            case _Empty():
                return True
            case _Then(first, rest):
                return self._accepts[first] and self._accepts[rest]
            case _Either(options):
                return any(self._accepts[option] for option in options)
            case _Repeat(inner, least, _):
                return least == 0 or self._accepts[inner]
            case _:
                return False

    def _derived(self, expression: _Expression, symbol: int) -> int:
        match expression:
            case _Symbol(mask):
                return self.empty if mask >> symbol & 1 else self.nothing
            case _Then(first, rest):
                here = self.then(self.step(first, symbol), rest)
                return self.either(here, self.step(rest, symbol)) if self._accepts[first] else here
            case _Either(options):
                return self.either(*(self.step(option, symbol) for option in options))
            case _Repeat(inner, least, most):
                fewer = self.repeat(inner, max(least - 1, 0), None if most is None else most - 1)
                return self.then(self.step(inner, symbol), fewer)
            case _:
                return self.nothing


_STATES = _States()


class UnknownSyntax(ValueError):
    """The expression uses something that metadata did not use so far."""


class Automaton:
    """One expression of the metadata."""

    def __init__(self, pattern: str) -> None:
        self._start = _Parser(pattern).whole()

    def after(self, digits: str) -> int:
        """The state after these digits."""
        return _STATES.walk(self._start, digits)

    def could_reach(self, head: str, length: int) -> bool:
        """Whether some string of `length` digits that begins with `head` matches."""
        return _some(self.after(head), length - len(head))

    def settles(self, head: str, rest: int) -> bool:
        """Whether `rest` more digits decide nothing: all completions of `head` match, or none does."""
        return _alike(self.after(head), rest)

    def ends_within(self, head: str, rest: int) -> bool:
        """Whether a match at the start, if there is one, surely ends within `head`."""
        return _quiet(self.after(head), rest)

    def settles_start(self, head: str, rest: int) -> bool:
        """Whether `head` decides that the start matches, or that it does not."""
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
    return not any(_STATES.accepts(_STATES.step(one, _END)) for one in _ahead(state, digits))


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
        if self._take("(?:") or (not self._pattern.startswith("(?", self._at) and self._take("(")):
            inner = self._alternatives()
            if not self._take(")"):
                raise self._unknown()
            return inner
        if self._take("["):
            return self._class()
        if self._take(r"\d"):
            return _STATES.place(_Symbol(_ANY_DIGIT))
        if self._take("$"):
            return _STATES.place(_Symbol(1 << _END))
        if self._peek() in "0123456789":
            self._at += 1
            return _STATES.place(_Symbol(1 << int(self._pattern[self._at - 1])))
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
        return _STATES.place(_Symbol(mask))

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

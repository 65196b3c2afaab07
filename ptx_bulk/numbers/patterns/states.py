"""The states of the automata: each is the expression that the rest of a string has to match."""

from __future__ import annotations

from dataclasses import dataclass

END = 10  # the symbol after the last digit, for `$`
SYMBOLS = 11


@dataclass(frozen=True, slots=True)
class Empty:
    """Matches the empty string alone."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """Matches no string."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """One symbol of a set, as a bit mask."""

    mask: int


@dataclass(frozen=True, slots=True)
class Then:
    """First one expression, then another; expressions are named by their states."""

    first: int
    rest: int


@dataclass(frozen=True, slots=True)
class Either:
    """Any of these expressions."""

    options: frozenset[int]


@dataclass(frozen=True, slots=True)
class Repeat:
    """One expression several times, `most` None for without end."""

    inner: int
    least: int
    most: int | None


Expression = Empty | Nothing | Symbol | Then | Either | Repeat


class States:
    """All expressions met so far; a state is the place of its expression, so states compare as integers."""

    def __init__(self) -> None:
        self._places: dict[Expression, int] = {}
        self._expressions: list[Expression] = []
        self._steps: list[list[int]] = []
        self._accepts: list[bool] = []
        self.empty = self.place(Empty())
        self.nothing = self.place(Nothing())

    def place(self, expression: Expression) -> int:
        """The state of an expression."""
        if expression not in self._places:
            self._places[expression] = len(self._expressions)
            self._expressions.append(expression)
            self._steps.append([-1] * SYMBOLS)
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
        return self.place(Then(first, rest))

    def either(self, *states: int) -> int:
        """Any of these."""
        options: set[int] = set()
        for state in states:
            expression = self._expressions[state]
            options |= expression.options if isinstance(expression, Either) else {state}
        options.discard(self.nothing)
        if len(options) <= 1:
            return options.pop() if options else self.nothing
        return self.place(Either(frozenset(options)))

    def repeat(self, inner: int, least: int, most: int | None) -> int:
        """One of these `least` to `most` times, None for without end."""
        if most == 0:
            return self.empty
        return inner if (least, most) == (1, 1) else self.place(Repeat(inner, least, most))

    def _takes_nothing(self, expression: Expression) -> bool:
        match expression:
            case Empty():
                return True
            case Then(first, rest):
                return self._accepts[first] and self._accepts[rest]
            case Either(options):
                return any(self._accepts[option] for option in options)
            case Repeat(inner, least, _):
                return least == 0 or self._accepts[inner]
            case _:
                return False

    def _derived(self, expression: Expression, symbol: int) -> int:
        match expression:
            case Symbol(mask):
                return self.empty if mask >> symbol & 1 else self.nothing
            case Then(first, rest):
                here = self.then(self.step(first, symbol), rest)
                return self.either(here, self.step(rest, symbol)) if self._accepts[first] else here
            case Either(options):
                return self.either(*(self.step(option, symbol) for option in options))
            case Repeat(inner, least, most):
                fewer = self.repeat(inner, max(least - 1, 0), None if most is None else most - 1)
                return self.then(self.step(inner, symbol), fewer)
            case _:
                return self.nothing

"""The numbers that a regular expression of libphonenumber allows, counted instead of matched."""

import re._parser as patterns
from dataclasses import dataclass
from functools import cache

DIGITS = "0123456789"
LONGEST = 17

Item = tuple[object, ...]
Sequence = tuple[Item, ...]


@dataclass(frozen=True)
class Plan:
    """A pattern as an automaton: its state is the set of all that may still follow."""

    state: frozenset[Sequence]

    @classmethod
    def of(cls, pattern: str) -> "Plan":
        """The plan of a pattern."""
        return cls(frozenset([_sequence(patterns.parse(pattern))]))

    def behind(self, digit: str) -> "Plan":
        """What may follow a digit."""
        return Plan(_after(self.state, digit))

    def count(self, beginning: str, length: int) -> int:
        """How many numbers of a length begin with these digits."""
        return _count(_reached(self.state, beginning), length - len(beginning))

    def lengths(self, beginning: str = "") -> set[int]:
        """The lengths of the numbers that begin with these digits."""
        return {length for length in range(1, LONGEST + 1) if self.count(beginning, length)}

    def numbers(self, length: int) -> list[str]:
        """All numbers of a length, in order."""
        if not self.count("", length):
            return []
        if not length:
            return [""]
        return [d + rest for d in DIGITS for rest in self.behind(d).numbers(length - 1)]


def _sequence(parsed: patterns.SubPattern) -> Sequence:
    """The parser's items as tuples: digits, alternatives and repeats."""
    return tuple(item for pair in parsed for item in _items(*pair))


def _items(kind: object, value: object) -> Sequence:
    match str(kind), value:
        case "LITERAL", int(sign):
            return (("digits", chr(sign)),)
        case "IN", list(members):
            return (("digits", "".join(_members(*member) for member in members)),)
        case "SUBPATTERN", (*_, inner):
            return _sequence(inner)
        case "BRANCH", (_, branches):
            return (("either", tuple(map(_sequence, branches))),)
        case "MAX_REPEAT", (least, most, inner):
            return (("repeat", least, int(most), _sequence(inner)),)
        case "AT", _:
            return ()
    raise ValueError(kind)


def _members(kind: object, value: object) -> str:
    match str(kind), value:
        case "LITERAL", int(sign):
            return chr(sign)
        case "RANGE", (first, last):
            return "".join(map(chr, range(first, last + 1)))
        case "CATEGORY", _:
            return DIGITS
    raise ValueError(kind)


@cache
def _expanded(sequence: Sequence) -> frozenset[tuple[str, Sequence]]:
    """What may come next: digits and all behind them; no digits are the end."""
    if not sequence:
        return frozenset([("", ())])
    (kind, *values), rest = sequence[0], sequence[1:]
    match kind, values:
        case "digits", [digits]:
            return frozenset([(digits, rest)])
        case "either", [branches]:
            return frozenset().union(*(_expanded(branch + rest) for branch in branches))
        case "repeat", [least, most, inner]:
            fewer = ("repeat", max(least - 1, 0), most - 1, inner)
            again = _expanded((*inner, fewer, *rest)) if most else frozenset()
            return again if least else again | _expanded(rest)
    raise ValueError(kind)


@cache
def _after(state: frozenset[Sequence], digit: str) -> frozenset[Sequence]:
    return frozenset(
        rest for sequence in state for digits, rest in _expanded(sequence) if digit in digits
    )


@cache
def _reached(state: frozenset[Sequence], digits: str) -> frozenset[Sequence]:
    return _after(_reached(state, digits[:-1]), digits[-1]) if digits else state


@cache
def _count(state: frozenset[Sequence], length: int) -> int:
    if length <= 0:
        ends = any(not digits for sequence in state for digits, _ in _expanded(sequence))
        return int(ends and length == 0)
    return sum(_count(_after(state, digit), length - 1) for digit in DIGITS)

"""Sums over a plan's groups, and how numbers, amounts and days are written."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import TypeVar

from tillpost.pipeline.counting import GOING, Group

WENT = ("accepted",)
Key = TypeVar("Key")


def outcome(group: Group) -> str:
    """What becomes of a group's sales, in the words of `charts.OUTCOMES`."""
    if group.bucket in GOING:
        return "would go"
    return "went" if group.bucket in WENT else "does not go"


def grouped(groups: Iterable[Group], key: Callable[[Group], Key]) -> dict[Key, list[Group]]:
    """Groups by what the key says of them, in the order of their first."""
    found: dict[Key, list[Group]] = defaultdict(list)
    for group in groups:
        found[key(group)].append(group)
    return dict(found)


def events(groups: Iterable[Group]) -> int:
    """How many sales they are."""
    return sum(group.events for group in groups)


def values(groups: Iterable[Group], name: str = "value") -> dict[str, float]:
    """Sums by currency; what has none is under the empty text."""
    sums: dict[str, float] = defaultdict(float)
    for group in groups:
        if (value := getattr(group, name)) is not None:
            sums[group.currency or ""] += value
    return {currency: round(sums[currency], 6) for currency in sorted(sums)}


def money(sums: dict[str, float]) -> str:
    """Amounts with their currencies; never added over them."""
    return ", ".join(f"{amount(value)} {code}" for code, value in sums.items() if code)


def amount(value: float) -> str:
    """An amount as people write it."""
    return f"{value:,.2f}".replace("-", "−")  # noqa: RUF001  a minus, as wide as a digit


def day_of(moment: float) -> str:
    """The UTC day of an epoch second."""
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d}"


def shown(moment: float) -> str:
    """An epoch second as people write it."""
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M} UTC"


def plural(number: int, noun: str) -> str:
    """A number with its noun."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"

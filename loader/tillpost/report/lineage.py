"""The way of personal columns into the payload as a picture: column, normaliser, field."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import mean

from tillpost.pipeline.evidence import Evidence

ROW = 21
WIDTH = 800
COLUMNS, RULES, FIELDS = 230, 414, 598
"""Where in the width the three ranks stand."""
RULE_WIDTH = 166
AS_IT_IS = "as it is"
DIGEST_FORMS = frozenset({"hashed", "digested", "keyed"})


@dataclass(frozen=True, kw_only=True)
class Label:
    """A name at its height."""

    name: str
    y: float


@dataclass(frozen=True, kw_only=True)
class Thread:
    """A line between two ranks, as an SVG path; one that ends in clear is marked."""

    path: str
    is_clear: bool


@dataclass(frozen=True, kw_only=True)
class Lineage:
    """All that the picture needs."""

    columns: tuple[Label, ...]
    rules: tuple[Label, ...]
    fields: tuple[Label, ...]
    threads: tuple[Thread, ...]
    height: int


def lineage(evidence: Evidence) -> Lineage:
    """Lay out three ranks so that few threads cross: each name near those it is tied to."""
    ways = [
        (way.source, way.normalizer or AS_IT_IS, field.field, way.form not in DIGEST_FORMS)
        for field in evidence.payload
        for way in field.ways
    ]
    rows = max(len({column for column, *_ in ways}), 1)
    height = rows * ROW + ROW
    fields = _spread(dict.fromkeys(field for _, _, field, _ in ways), height=height)
    rules = _spread(_near((rule, fields[field]) for _, rule, field, _ in ways), height=height)
    columns = _spread(_near((name, rules[rule]) for name, rule, *_ in ways), height=height)
    threads = {
        **{
            _thread(COLUMNS + 8, columns[name], RULES - RULE_WIDTH // 2, rules[rule]): clear
            for name, rule, _, clear in ways
        },
        **{
            _thread(RULES + RULE_WIDTH // 2, rules[rule], FIELDS - 8, fields[field]): clear
            for _, rule, field, clear in ways
        },
    }
    return Lineage(
        columns=_labels(columns),
        rules=_labels(rules),
        fields=_labels(fields),
        threads=tuple(Thread(path=path, is_clear=clear) for path, clear in threads.items()),
        height=height,
    )


def _near(ties: Iterable[tuple[str, float]]) -> Sequence[str]:
    """Names in the order of the middle of what they are tied to."""
    heights: dict[str, list[float]] = {}
    for name, height in ties:
        heights.setdefault(name, []).append(height)
    return sorted(heights, key=lambda name: (mean(heights[name]), name))


def _spread(names: Iterable[str], *, height: int) -> dict[str, float]:
    """Names over the whole height at equal distances."""
    found = list(names)
    return {name: height * (index + 0.5) / len(found) for index, name in enumerate(found)}


def _labels(heights: dict[str, float]) -> tuple[Label, ...]:
    return tuple(Label(name=name, y=round(y, 1)) for name, y in heights.items())


def _thread(x1: int, y1: float, x2: int, y2: float) -> str:
    middle = (x1 + x2) // 2
    return f"M{x1} {y1:.1f}C{middle} {y1:.1f} {middle} {y2:.1f} {x2} {y2:.1f}"

"""What is known of customers of sales that nothing speaks against: by source, day and store."""

from collections.abc import Callable
from dataclasses import dataclass

from tillpost.pipeline.audit_cells import FIELDS, GOOD, NO_STORE, Cell, by, of, summed
from tillpost.pipeline.page_facts import PageFacts


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """Sales of a source, a UTC day or a store of it, and how many of them have each field."""

    source: str
    day: int | None = None
    store: str | None = None
    sales: int
    matchable: int
    filled: dict[str, int]

    def share(self, field: str) -> float:
        """Of the sales, those with the field."""
        return self.filled[field] / self.sales


def by_source(facts: PageFacts) -> list[Coverage]:
    """A row a source."""
    return _covered(facts, lambda _: (None, None))


def by_day(facts: PageFacts) -> list[Coverage]:
    """A row a source and day; what has no day is left out."""
    return [each for each in _covered(facts, lambda cell: (cell.day, None)) if each.day is not None]


def by_store(facts: PageFacts) -> list[Coverage]:
    """A row a source and store; nothing where no source names one."""
    found = _covered(facts, lambda cell: (None, cell.store or NO_STORE))
    return found if any(each.store != NO_STORE for each in found) else []


def fields_in(covered: list[Coverage]) -> list[str]:
    """The fields that any sale has."""
    return [name for name in FIELDS if any(each.filled[name] for each in covered)]


def _covered(
    facts: PageFacts, part: Callable[[Cell], tuple[int | None, str | None]]
) -> list[Coverage]:
    if facts.audit is None:
        return []
    found = []
    parts = by(of(facts.audit.facts.cells, *GOOD), lambda cell: (cell.source, *part(cell)))
    for (source, day, store), cells in sorted(
        parts.items(), key=lambda item: (item[0][0], item[0][1] or 0, item[0][2] or "")
    ):
        counts = summed(cells)
        if counts.looked_at:
            filled = dict(zip(FIELDS, counts.valid, strict=True))
            found.append(
                Coverage(
                    source=source,
                    day=day,
                    store=store,
                    sales=counts.looked_at,
                    matchable=counts.matchable,
                    filled=filled,
                )
            )
    return found

"""What Meta's documents say that the quality of offline data hangs on, as far as it shows here.

Meta weighs them to a composite of 0 to 10 and does not say how: it is not guessed here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tillpost.ledger import Book
from tillpost.pipeline.audit_cells import Cell, by, of, summed
from tillpost.pipeline.audit_facts import AuditFacts
from tillpost.pipeline.audit_findings import FEWEST, Finding, Judge, Place
from tillpost.pipeline.snapshots import SECONDS_PER_DAY

DAYS = 14


@dataclass(frozen=True, kw_only=True)
class Factor:
    """One of them for a dataset; ``measured`` is None where nothing can be said yet."""

    dataset_id: str
    factor: str
    measured: float | None
    limit: float

    @property
    def passes(self) -> bool | None:
        """Whether it is good enough: as good as the limit, or better."""
        return None if self.measured is None else self.measured >= self.limit


def upload_days(ledger: Book, *, now: int) -> dict[str, int]:
    """On how many of the last days each dataset got something, for those that ever did."""
    first = now // SECONDS_PER_DAY - DAYS + 1
    days = {
        (each.dataset_id, int(moment) // SECONDS_PER_DAY)
        for each in ledger.uploads(since=first * SECONDS_PER_DAY)
        if each.accepted
        for moment in (each.first_at, each.last_at)
    }
    datasets = [dataset for dataset, day in days if day >= first]
    return {dataset: datasets.count(dataset) for dataset in ledger.datasets()}


def quality_factors(facts: AuditFacts, judge: Judge, uploads: dict[str, int]) -> tuple[Factor, ...]:
    """All of them by dataset, of what would be sent."""
    pending = by(of(facts.cells, "pending"), lambda each: each.dataset_id)
    return tuple(
        factor
        for dataset in sorted({*pending, *uploads})
        for factor in _factors(
            facts, judge, pending.get(dataset, ()), uploads.get(dataset), dataset=dataset
        )
    )


def _factors(
    facts: AuditFacts, judge: Judge, cells: Sequence[Cell], days: int | None, *, dataset: str
) -> Iterator[Factor]:
    counts = summed(cells)
    splits = {each.source: each for each in facts.splits if each.dataset_id == dataset}
    pieces = sum(each.alike for each in splits.values())
    limit = judge.thresholds.limit
    shares = (
        ("sent under 3 days old", counts.fresh_sales, limit("min_fresh_share")),
        ("with e-mail, phone or mobile id", counts.with_contact, limit("min_contact_share")),
        ("worth more than nothing", counts.sales - counts.zero_sales, 1 - limit("max_zero_share")),
        ("in one piece", counts.sales - pieces, 1 - limit("max_split_share")),
    )
    yield Factor(
        dataset_id=dataset,
        factor=f"days of the last {DAYS} with an upload",
        measured=days,
        limit=limit("min_upload_days"),
    )
    for factor, number, least in shares:
        measured = round(number / counts.sales, 4) if counts.sales else None
        yield Factor(dataset_id=dataset, factor=factor, measured=measured, limit=least)


def timeliness(facts: AuditFacts, judge: Judge, uploads: dict[str, int]) -> Iterator[Finding]:
    """Datasets that are sent too seldom or too late, once anything was sent at all."""
    for dataset, cells in by(of(facts.cells, "pending"), lambda each: each.dataset_id).items():
        counts = summed(cells)
        if dataset in uploads and counts.sales >= FEWEST:
            share = counts.fresh_sales / counts.sales
            yield from judge.find(
                "min_fresh_share",
                share,
                what=f"{counts.fresh_sales:,} of {counts.sales:,} sales are under 3 days old",
                fix="send daily or more often: docs/scheduling.md",
                place=Place(dataset_id=dataset),
            )
    for dataset, days in uploads.items():
        yield from judge.find(
            "min_upload_days",
            days,
            what=f"something was sent on {days} of the last {DAYS} days",
            fix="send daily or more often: docs/scheduling.md",
            place=Place(dataset_id=dataset),
        )

"""What an audit is made from: numbers of a build, nothing of any customer."""

from dataclasses import dataclass

from tillpost.pipeline.audit_cells import Cell


@dataclass(frozen=True, kw_only=True)
class Reason:
    """A reason that keeps sales of a source from being sent, and the row of one of them."""

    source: str
    reason: str
    meaning: str
    sales: int
    row_ref: str


@dataclass(frozen=True, kw_only=True)
class Dropped:
    """Sales of a source, store and UTC day that lose a field, and why."""

    source: str
    store: str | None
    day: int | None
    field: str
    problem: str
    meaning: str
    sales: int

    @property
    def order(self) -> tuple[str, str, int, str]:
        """By place and day."""
        return self.source, self.store or "", self.day or 0, self.problem


@dataclass(frozen=True, kw_only=True)
class Values:
    """How the values of a dataset's sales in one currency are spread."""

    dataset_id: str
    event_name: str
    currency: str
    sales: int
    value: float
    zero_sales: int
    smallest: float
    quantiles: dict[str, float]
    largest: float


@dataclass(frozen=True, kw_only=True)
class Outlier:
    """A sale worth far more than others; ``alike`` is how many its source and currency have."""

    source: str
    row_ref: str
    currency: str
    value: float
    median: float
    alike: int


@dataclass(frozen=True, kw_only=True)
class Split:
    """A customer's orders within a minute; ``alike`` is how many its source and dataset have."""

    source: str
    dataset_id: str
    minute: int
    orders: int
    row_refs: tuple[str, str]
    alike: int


@dataclass(frozen=True, kw_only=True)
class FrequentHash:
    """A hash that too many events have: its field, its first signs."""

    field: str
    digest: str
    events: int
    share: float


@dataclass(frozen=True, kw_only=True)
class AuditFacts:
    """All of it; ``funnel`` counts rows by source and bucket."""

    cells: tuple[Cell, ...]
    funnel: dict[str, dict[str, int]]
    reasons: tuple[Reason, ...]
    dropped: tuple[Dropped, ...]
    values: tuple[Values, ...]
    outliers: tuple[Outlier, ...]
    splits: tuple[Split, ...]
    frequent: tuple[FrequentHash, ...]

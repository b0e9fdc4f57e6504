"""The sales of one source, store, day, dataset, currency and bucket, and sums over them."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from tillpost.engines import Row
from tillpost.pipeline.masking import without_addresses

FIELDS = (
    *("em", "ph", "external_id", "fn", "ln", "db", "ge", "ct", "st", "zp", "country", "madid"),
    *("lead_id", "client_ip_address", "client_user_agent", "user_keys"),
)
"""Meta's names of what is known of a customer."""
PROBLEM_FIELDS = {"em": "email", "ph": "phone", "ge": "gen", "zp": "zip"}
"""How the seed `problems` calls fields, where it is not as Meta does."""
GOOD = ("pending", "accepted", "uncertain", "changed", "refused", "expired")
"""Buckets of sales that nothing speaks against but the ledger."""
NO_STORE = "(none)"
"""What a store is called where a source names none."""
_KEYS = ("source_name", "store", "day", "dataset_id", "currency", "bucket", "newest_at")
_COUNTS = (
    *("sales", "source_rows", "value", "zero_sales", "refunds", "fresh_sales", "looked_at"),
    *("with_contact", "matchable"),
)
COLUMNS = (*_KEYS, *_COUNTS, *(f"{field}_{way}" for field in FIELDS for way in ("given", "valid")))
"""Those of `audit_days`, in their order here."""
Item = TypeVar("Item")
Key = TypeVar("Key")


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How many sales there are, and of how many something is true.

    ``looked_at`` are those whose customer was looked at: only they count for ``given``, by field,
    for ``valid``, ``with_contact`` and ``matchable``.
    """

    sales: int = 0
    source_rows: int = 0
    value: float = 0.0
    zero_sales: int = 0
    refunds: int = 0
    fresh_sales: int = 0
    looked_at: int = 0
    with_contact: int = 0
    matchable: int = 0
    given: tuple[int, ...] = (0,) * len(FIELDS)
    valid: tuple[int, ...] = (0,) * len(FIELDS)


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A row of `audit_days`; ``day`` is the UTC day's first second, ``newest_at`` its last sale."""

    source: str
    store: str | None
    day: int | None
    dataset_id: str
    currency: str | None
    bucket: str
    newest_at: int | None
    counts: Counts

    @property
    def place(self) -> tuple[str, str | None]:
        """Where it was sold."""
        return self.source, self.store

    @property
    def order(self) -> tuple[str, str, int, str, str, str]:
        """By place and day."""
        place = (self.source, self.store or "", self.day or 0)
        return *place, self.dataset_id or "", self.currency or "", self.bucket


def cell(row: Row) -> Cell:
    """A row of `COLUMNS`; what stands as a store may be an address."""
    source, store, day, dataset_id, currency, bucket, newest_at, *rest = row
    numbers = [0 if each is None else each for each in rest]
    plain = dict(zip(_COUNTS, map(int, numbers), strict=False))
    fields = [int(each) for each in numbers[len(_COUNTS) :]]
    value = float(numbers[_COUNTS.index("value")])
    return Cell(
        source=source,
        store=without_addresses(store) if store else None,
        day=None if day is None else int(day),
        dataset_id=dataset_id,
        currency=currency,
        bucket=bucket,
        newest_at=newest_at,
        counts=Counts(
            **{name: number for name, number in plain.items() if name != "value"},
            value=value,
            given=tuple(fields[::2]),
            valid=tuple(fields[1::2]),
        ),
    )


def summed(cells: Iterable[Cell]) -> Counts:
    """All of them together; values are of one currency, or mean nothing."""
    counts = [each.counts for each in cells]
    if not counts:
        return Counts()
    plain = {name: sum(getattr(each, name) for each in counts) for name in _COUNTS}
    plain["value"] = round(plain["value"], 6)
    return Counts(
        **plain,
        given=tuple(map(sum, zip(*(each.given for each in counts), strict=True))),
        valid=tuple(map(sum, zip(*(each.valid for each in counts), strict=True))),
    )


def by(items: Iterable[Item], key: Callable[[Item], Key]) -> dict[Key, list[Item]]:
    """Cells, or what else is found in an audit, by what the key says of them."""
    found: dict[Key, list[Item]] = defaultdict(list)
    for each in items:
        found[key(each)].append(each)
    return dict(found)


def of(cells: Iterable[Cell], *buckets: str) -> list[Cell]:
    """Those of these buckets."""
    return [each for each in cells if each.bucket in buckets]

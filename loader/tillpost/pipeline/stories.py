"""What became of an order, as values: `why` finds them, the report tells them.

Times are epoch seconds. Personal values are here by their shape only.
"""

from dataclasses import dataclass

from tillpost.ledger.history import Written


@dataclass(frozen=True, kw_only=True)
class Build:
    """The build that was looked at; one without a stamp did not pass its tests."""

    run_id: str | None
    as_of: int | None
    other_rules: bool = False


@dataclass(frozen=True, kw_only=True)
class Drop:
    """What stops a row: a condition in a CTE of a model, or an edge of the scope.

    ``scope_start`` is there where the row is too old to be read; ``condition`` is empty where no
    single condition can be named, and ``why`` says what is known then.
    """

    model: str
    path: str
    cte: str = ""
    condition: str = ""
    scope_start: int | None = None
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class SourceRow:
    """A row of a source; its bucket is empty where no bucket counts it."""

    row_ref: str
    source_name: str
    source_file: str | None
    event_time: int | None
    bucket: str
    sale: str = ""
    replaced_by: str = ""
    drop: Drop | None = None


@dataclass(frozen=True, kw_only=True)
class Field:
    """A field of the customer: as written, as normalised, as hashed, each by its shape."""

    name: str
    written: tuple[str, ...]
    normal: tuple[str, ...]
    sent: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Winner:
    """The event that stands for a duplicate, by the first row of its basket."""

    event_key: str
    row_ref: str = ""
    bucket: str = ""


@dataclass(frozen=True, kw_only=True)
class SaleStory:
    """One basket: what the models made of it."""

    basket: str
    source_name: str
    row_ref: str
    dataset_id: str | None
    event_name: str | None
    action_source: str | None
    order_id: str | None
    event_time: int | None
    sendable_until: int | None
    value: str | None
    currency: str | None
    lines: int
    bucket: str
    reasons: dict[str, str]
    problems: dict[str, str]
    event_key: str | None
    sale_key: str | None
    duplicate_of: Winner | None = None
    fields: tuple[Field, ...] = ()
    drops: tuple[Drop, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Step:
    """A model on the way, and how many rows of the order are in it."""

    model: str
    path: str
    rows: int


@dataclass(frozen=True, kw_only=True)
class Story:
    """Everything that is known of what was asked for.

    ``digest`` is the digest of the order id that was asked for, where it was found by that.
    ``skipped`` are sources that were not looked into: large ones, unless that is asked for.
    """

    asked: str
    build: Build
    digest: str = ""
    rows: tuple[SourceRow, ...] = ()
    sales: tuple[SaleStory, ...] = ()
    steps: tuple[Step, ...] = ()
    written: tuple[Written, ...] = ()
    unreadable: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing of that name is anywhere."""
        return not (self.rows or self.sales or self.written or self.unreadable)

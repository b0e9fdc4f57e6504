"""Meta's side of a reconciliation: what it counted under an upload tag, and its quality scores."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tillpost.reads import Read, rows_of

GOOD_QUALITY = 8.5
"""The composite from which on Meta takes offline events for omnichannel ads."""
_LARGEST = 2.0**53
FACTORS = ("match_key", "frequency", "freshness")
"""What a composite is made of, as far as Meta tells; the weights are its own."""


@dataclass(frozen=True, kw_only=True)
class Entries:
    """What Meta counted under an upload tag; None where it does not tell."""

    valid: int
    matched: int | None
    duplicate: int
    is_known: bool = True

    @property
    def match_rate(self) -> float | None:
        """Matched entries per valid one; with duplicates nobody knows what the valid ones hold."""
        if self.matched is None or not self.valid or self.duplicate:
            return None
        return self.matched / self.valid


@dataclass(frozen=True, kw_only=True)
class Quality:
    """How good Meta finds one event name's events: scores of 0 to 10, None where it tells none.

    ``coverage`` is the percentage of events with each key that Meta counts.
    """

    dataset_id: str
    event_name: str
    composite: float | None
    match_key: float | None
    frequency: float | None
    freshness: float | None
    coverage: Mapping[str, float]

    @property
    def holds_down(self) -> str:
        """The lowest factor of a composite that is not good enough; empty where it is."""
        if self.composite is None or self.composite >= GOOD_QUALITY:
            return ""
        told = {name: score for name in FACTORS if (score := getattr(self, name)) is not None}
        return min(told, key=lambda name: told[name], default="")


def entries_of(read: Read) -> Entries | None:
    """The sums over the rows of a tag, or nothing where a row has no counts.

    Without a row Meta does not know the tag.
    """
    rows = rows_of(read.values.get("data"))
    valid = _sum(rows, "valid_entries")
    if valid is None:
        return None
    return Entries(
        valid=valid,
        matched=_sum(rows, "matched_entries"),
        duplicate=_sum(rows, "duplicate_entries") or 0,
        is_known=bool(rows),
    )


def qualities_of(dataset_id: str, read: Read) -> Iterator[Quality]:
    """The scores of each event name."""
    for row in rows_of(read.values.get("offline")):
        match_key = row.get("match_key")
        # Meta's own examples have the coverage in the match key and beside it.
        inside = match_key.get("coverage") if isinstance(match_key, dict) else None
        coverage = inside or row.get("coverage")
        shares = coverage.items() if isinstance(coverage, dict) else ()
        yield Quality(
            dataset_id=dataset_id,
            event_name=str(row.get("event_name", "")),
            composite=_score(row.get("composite")),
            match_key=_score(match_key),
            frequency=_score(row.get("frequency")),
            freshness=_score(row.get("freshness")),
            coverage={
                str(key): share for key, given in shares if (share := _number(given)) is not None
            },
        )


def _sum(rows: list[Mapping[str, object]], name: str) -> int | None:
    counts = [_number(row.get(name)) for row in rows]
    known = [int(count) for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def _score(value: object) -> float | None:
    """Meta documents an object with a score, and calls it a number beside that."""
    return _number(value.get("score") if isinstance(value, dict) else value)


def _number(value: object) -> float | None:
    """A number, also as a text: Graph writes some of its numbers so."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return number if abs(number) < _LARGEST else None

"""Two builds side by side: which sales end elsewhere, and which fields of theirs differ."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tillpost.engines import Engine
from tillpost.pipeline.masking import without_addresses

COMPARED = ("int_basket_verdicts", "int_judged_baskets", "int_identities", "int_events")
"""The models that are looked at: verdicts, sales, hashes, payloads."""
_WHERE = "the comparison"
_PENDING = "pending"
_ABSENT = "absent"
# Not of the customer: what the ledger and the build need.
_NO_FIELDS = frozenset({"basket", "problems"})

_MOVES = """
with
    before as (
        select verdicts.basket, bucket, verdicts.reasons, first_row_ref, currency, order_value
        from {old}.int_basket_verdicts as verdicts
        inner join {old}.int_judged_baskets as baskets on verdicts.basket = baskets.basket
    ),
    now as (
        select verdicts.basket, bucket, verdicts.reasons, first_row_ref, currency, order_value
        from {new}.int_basket_verdicts as verdicts
        inner join {new}.int_judged_baskets as baskets on verdicts.basket = baskets.basket
    )
select
    coalesce(before.bucket, 'absent'), coalesce(before.reasons, ''),
    coalesce(now.bucket, 'absent'), coalesce(now.reasons, ''),
    coalesce(currencies.currency, ''), count(*), sum(coalesce(now.order_value, before.order_value)),
    min(coalesce(now.first_row_ref, before.first_row_ref))
from before
full outer join now on before.basket = now.basket
left join {new}.currencies as currencies
    on coalesce(now.currency, before.currency) = currencies.currency
where
    before.bucket is distinct from now.bucket or before.reasons is distinct from now.reasons
group by all
order by 6 desc, 1, 2, 3, 4, 5
"""
_FIELDS = """
select {counts}
from {new}.int_identities as now
inner join {old}.int_identities as before on now.basket = before.basket
inner join {new}.int_judged_baskets as baskets on now.basket = baskets.basket
"""
# What stands in the payload outside of user_data, and in custom_data, key by key.
_PAYLOADS = """
with
    differing as (
        select before.payload as old_payload, now.payload as new_payload, baskets.first_row_ref
        from {new}.int_events as now
        inner join {old}.int_events as before on now.basket = before.basket
        inner join {new}.int_judged_baskets as baskets on now.basket = baskets.basket
        where now.payload <> before.payload
    ),
    keys as (
        select *, unnest(list_distinct(list_concat(
            json_keys(old_payload, '{path}'), json_keys(new_payload, '{path}')
        ))) as key
        from differing
    ),
    pairs as (
        select
            key, first_row_ref,
            json_extract(old_payload, '{path}."' || key || '"') as old_value,
            json_extract(new_payload, '{path}."' || key || '"') as new_value
        from keys
    )
select
    key,
    count(case when old_value is null then 1 end),
    count(case when new_value is null then 1 end),
    count(case when old_value <> new_value then 1 end),
    min(first_row_ref)
from pairs
where old_value is distinct from new_value and key not in ('user_data', 'custom_data')
group by key
order by key
"""


@dataclass(frozen=True, kw_only=True)
class Move:
    """Sales that end in another bucket, or for other reasons; an example's row ref."""

    old_bucket: str
    old_reasons: str
    new_bucket: str
    new_reasons: str
    currency: str
    sales: int
    value: float | None
    row_ref: str

    @property
    def enters(self) -> bool:
        """Whether they go now and did not."""
        return self.new_bucket == _PENDING and self.old_bucket != _PENDING

    @property
    def leaves(self) -> bool:
        """Whether they went and do not now."""
        return self.old_bucket == _PENDING and self.new_bucket != _PENDING


@dataclass(frozen=True, kw_only=True)
class FieldChange:
    """A field of what is sent: how many sales have it now and had not, had it, have another one."""

    field: str
    added: int
    removed: int
    changed: int
    row_ref: str


@dataclass(frozen=True, kw_only=True)
class Differences:
    """All that differs between two builds."""

    moves: tuple[Move, ...] = ()
    fields: tuple[FieldChange, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing does."""
        return not (self.moves or self.fields)


def compare(engine: Engine, *, schema: str, old: str) -> Differences:
    """Compare the open build with another one that is attached to it.

    Args:
        engine: the new build.
        schema: where both keep their relations.
        old: what the old one is attached as.
    """
    names = {"new": schema, "old": f"{old}.{schema}"}
    _, moved = engine.query(_MOVES.format(**names), where=_WHERE)
    moves = tuple(
        Move(
            old_bucket=row[0],
            old_reasons=row[1],
            new_bucket=row[2],
            new_reasons=row[3],
            currency=row[4],
            sales=int(row[5]),
            value=None if row[6] is None else float(row[6]),
            row_ref=without_addresses(row[7] or ""),
        )
        for row in moved
    )
    fields = [*_customer(engine, names), *_others(engine, names)]
    return Differences(moves=moves, fields=tuple(fields))


def _customer(engine: Engine, names: dict[str, str]) -> Iterator[FieldChange]:
    """Hashes, and what is in clear: one pass over both builds."""
    both = [set(engine.columns(f"{names[at]}.int_identities", where=_WHERE)) for at in names]
    columns = sorted((both[0] & both[1]) - _NO_FIELDS)
    counts = ", ".join(
        f"count(case when before.{c} is null and now.{c} is not null then 1 end),"
        f" count(case when before.{c} is not null and now.{c} is null then 1 end),"
        f" count(case when before.{c} <> now.{c} then 1 end),"
        f" min(case when before.{c} is distinct from now.{c} then baskets.first_row_ref end)"
        for c in columns
    )
    _, [row] = engine.query(_FIELDS.format(counts=counts, **names), where=_WHERE)
    for place, column in enumerate(columns):
        yield from _change(f"user_data.{column}", row[4 * place : 4 * place + 4])


def _others(engine: Engine, names: dict[str, str]) -> Iterator[FieldChange]:
    for path, prefix in (("$", ""), ("$.custom_data", "custom_data.")):
        _, rows = engine.query(_PAYLOADS.format(path=path, **names), where=_WHERE)
        for key, *counts in rows:
            yield from _change(f"{prefix}{key}", counts)


def _change(field: str, counts: Sequence[object]) -> Iterator[FieldChange]:
    added, removed, changed, row_ref = counts
    numbers = [int(str(each)) for each in (added, removed, changed)]
    if any(numbers):
        yield FieldChange(
            field=field,
            added=numbers[0],
            removed=numbers[1],
            changed=numbers[2],
            row_ref=without_addresses(str(row_ref or "")),
        )

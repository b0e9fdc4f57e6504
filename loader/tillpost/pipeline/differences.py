"""Two builds side by side: which sales end elsewhere, and which fields of theirs differ."""

from dataclasses import dataclass

from tillpost.engines import Engine
from tillpost.pipeline.changed_fields import FieldChange, changed_fields
from tillpost.pipeline.masking import without_addresses

COMPARED = ("int_basket_verdicts", "int_judged_baskets", "int_identities", "int_events", "events")
"""The models that are looked at: verdicts, sales, hashes, payloads, the final view."""
_WHERE = "the comparison"
_PENDING = "pending"
_ABSENT = "absent"

# The final view has the last word: what it leaves out does not go, whatever its verdict.
_SALES = """
    select
        verdicts.basket,
        case
            when is_sent and bucket not in ('pending', 'duplicate') then 'pending'
            when not is_sent and bucket = 'pending' then 'left out'
            else bucket
        end as bucket,
        reasons, first_row_ref, currency, order_value
    from (
        select
            *,
            exists (
                select 1
                from {side}.events as sent
                where
                    sent.event_key = judged.event_key
                    and sent.payload_digest is not distinct from judged.payload_digest
            ) as is_sent
        from {side}.int_basket_verdicts as judged
    ) as verdicts
    inner join (
        select basket, first_row_ref, currency, order_value from {side}.int_judged_baskets
    ) as baskets on verdicts.basket = baskets.basket
"""
_MOVES = f"""
with
    before as ({_SALES.replace("{side}", "{old}")}),
    now as ({_SALES.replace("{side}", "{new}")})
select
    coalesce(before.bucket, 'absent'), coalesce(before.reasons, ''),
    coalesce(now.bucket, 'absent'), coalesce(now.reasons, ''),
    coalesce(currencies.currency, ''), count(*), sum(coalesce(now.order_value, before.order_value)),
    min(coalesce(now.first_row_ref, before.first_row_ref))
from before
full outer join now on before.basket = now.basket
left join {{new}}.currencies as currencies
    on coalesce(now.currency, before.currency) = currencies.currency
where
    before.bucket is distinct from now.bucket or before.reasons is distinct from now.reasons
group by all
order by 6 desc, 1, 2, 3, 4, 5
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
    return Differences(moves=moves, fields=changed_fields(engine, names))

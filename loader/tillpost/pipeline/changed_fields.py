"""Which fields of what two builds would send differ, and of how many sales."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tillpost.engines import Engine
from tillpost.pipeline.masking import without_addresses

_WHERE = "the comparison"
# Not of the customer: what the ledger and the build need.
_NO_FIELDS = frozenset({"basket", "problems"})
# The data may name a property by anything.
_PLAIN = re.compile(r"[A-Za-z_]\w{0,63}", re.ASCII)
_PARTS = ("", "custom_data", "user_data")
"""Where a payload has fields; the customer's are looked at by their hashes first."""

_FIELDS = """
select {counts}
from {new}.int_identities as now
inner join {old}.int_identities as before on now.basket = before.basket
"""
_OWN = """
select 1
from {side}.int_events as made
inner join {side}.events as sent
    on made.event_key = sent.event_key and made.payload_digest = sent.payload_digest
where made.payload <> sent.payload
limit 1
"""
# Payloads as the final view has them, where it does not take them as they are.
_FINAL = """(
    select
        made.basket,
        md5(coalesce(sent.payload, made.payload)) as payload_digest,
        coalesce(sent.payload, made.payload) as payload
    from {side}.int_events as made
    left join {side}.events as sent
        on made.event_key = sent.event_key and made.payload_digest = sent.payload_digest
)"""
# An event that was sent as it is has no payload.
_DIFFERING = """
from {new_payloads} as now
inner join {old_payloads} as before on now.basket = before.basket
where
    now.payload_digest <> before.payload_digest
    and now.payload is not null
    and before.payload is not null
"""
_KEYS = """
with
    lists as (
        select json_keys(now.payload, {paths}) as keys {differing}
        union
        select json_keys(before.payload, {paths}) as keys {differing}
    )
select distinct place, unnest(keys[place + 1]) as key
from lists, range({places}) as places(place)
order by place, key
"""
# All fields of a payload in one go: each further reading would parse it again.
_PAYLOADS = """
with
    pairs as (
        select
            now.basket as basket,
            json_extract(before.payload, {pointers}) as old_values,
            json_extract(now.payload, {pointers}) as new_values
        {differing}
    )
select count(*), min(basket){counts}
from pairs
"""
_ROW_REFS = """
select cast(basket as varchar), first_row_ref
from {new}.int_judged_baskets
where cast(basket as varchar) in ({baskets})
"""


@dataclass(frozen=True, kw_only=True)
class FieldChange:
    """A field of what is sent: how many sales have it now and had not, had it, have another one."""

    field: str
    added: int
    removed: int
    changed: int
    row_ref: str


def changed_fields(engine: Engine, names: dict[str, str]) -> tuple[FieldChange, ...]:
    """Compare the fields of the sales that both builds have.

    Args:
        engine: the new build, the old one attached to it.
        names: the schemas of the ``new`` and the ``old`` one.
    """
    customer = changed_hashes(engine, names)
    found = [*customer, *_others(engine, names, is_customer_told=bool(customer))]
    return tuple(_with_row_refs(engine, names, found))


def changed_hashes(engine: Engine, names: dict[str, str]) -> tuple[FieldChange, ...]:
    """What is sent of the customer, hashed or in clear: one pass over both builds.

    Examples are named by the builds' own keys.
    """
    both = {
        at: set(engine.columns(f"{names[at]}.int_identities", where=_WHERE))
        for at in ("new", "old")
    }
    columns = sorted((both["new"] | both["old"]) - _NO_FIELDS)
    counts = ", ".join(
        _counts(
            f"before.{column}" if column in both["old"] else "null",
            f"now.{column}" if column in both["new"] else "null",
            basket="now.basket",
        )
        for column in columns
    )
    _, [row] = engine.query(_FIELDS.format(counts=counts, **names), where=_WHERE)
    return tuple(_changes([f"user_data.{column}" for column in columns], row))


def _others(
    engine: Engine, names: dict[str, str], *, is_customer_told: bool
) -> Iterator[FieldChange]:
    """What a payload has in it, key by key; what differs in none of them differs as a text."""
    differing = _DIFFERING.format(**dict(_payloads(engine, names)))
    parts = _PARTS[:2] if is_customer_told else _PARTS
    paths = [f"$.{part}".rstrip(".") for part in parts]
    _, keys = engine.query(
        _KEYS.format(paths=paths, places=len(parts), differing=differing), where=_WHERE
    )
    fields = [(parts[place], key) for place, key in keys if place or key not in _PARTS]
    pointers = ", ".join(_pointer(*field) for field in fields)
    counts = "".join(
        f", {_counts(f'old_values[{place}]', f'new_values[{place}]', basket='basket')}"
        for place in range(1, len(fields) + 1)
    )
    _, [row] = engine.query(
        _PAYLOADS.format(pointers=f"[{pointers}]::varchar[]", counts=counts, differing=differing),
        where=_WHERE,
    )
    different, basket, *rest = row
    found = list(_changes([_shown(*field) for field in fields], rest))
    yield from found
    if different and not (found or is_customer_told):
        yield FieldChange(
            field="payload", added=0, removed=0, changed=int(different), row_ref=str(basket)
        )


def _payloads(engine: Engine, names: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Where each build has its payloads: in the final view, if they are others there."""
    are_own = [engine.query(_OWN.format(side=side), where=_WHERE)[1] for side in names.values()]
    for at, side in names.items():
        yield f"{at}_payloads", _FINAL.format(side=side) if any(are_own) else f"{side}.int_events"


def _counts(old: str, new: str, *, basket: str) -> str:
    """How often a field is new, gone and other; one sale where it is."""
    return (
        f"count(case when {old} is null and {new} is not null then 1 end),"
        f" count(case when {old} is not null and {new} is null then 1 end),"
        f" count(case when {old} <> {new} then 1 end),"
        f" min(case when {old} is distinct from {new} then {basket} end)"
    )


def _pointer(part: str, key: str) -> str:
    """A JSON pointer, as SQL writes a text: keys may be the data's own."""
    names = [each.replace("~", "~0").replace("/", "~1") for each in (part, key) if each]
    return "'/{}'".format("/".join(names).replace("'", "''"))


def _shown(part: str, key: str) -> str:
    name = key if _PLAIN.fullmatch(key) else "***"
    return f"{part}.{name}" if part else name


def _changes(fields: Sequence[str], row: Sequence[object]) -> Iterator[FieldChange]:
    for place, field in enumerate(fields):
        *counts, basket = row[4 * place : 4 * place + 4]
        added, removed, changed = (int(str(each)) for each in counts)
        if added or removed or changed:
            yield FieldChange(
                field=field,
                added=added,
                removed=removed,
                changed=changed,
                row_ref=str(basket),
            )


def _with_row_refs(
    engine: Engine, names: dict[str, str], found: Sequence[FieldChange]
) -> Iterator[FieldChange]:
    """Name examples by their rows, not by the build's own keys."""
    if not found:
        return
    baskets = ", ".join(f"'{each.row_ref}'" for each in found)
    _, rows = engine.query(_ROW_REFS.format(baskets=baskets, **names), where=_WHERE)
    refs: dict[str, str] = dict(rows)
    for each in found:
        yield replace(each, row_ref=without_addresses(refs.get(each.row_ref) or ""))

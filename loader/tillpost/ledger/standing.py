"""What stands of each event key, from all that was written of it; placeholders as in statements."""

_LEFT_AT = "case when state = 'leaving' then written_at end"

# What stands of each key. A `returned` cancels the `leaving` right before it, of the same key, run
# and batch; an earlier one without an answer still stands. What was refused was not stored: when it
# left counts only where nothing else did. `lost` voids what was written before it. `forgotten`
# stands for ever, however old.
STANDING = f"""
with
    answered as (
        select distinct run_id, batch
        from {{entries}} as entries
        where state in ('returned', 'refused') and day >= date '1970-01-01' + {{since_day}}
    ),
    followed as (
        select
            entry,
            event_key,
            state,
            lead(state) over (
                partition by event_key, entries.run_id, entries.batch order by entry
            ) as next_state
        from {{entries}} as entries
        inner join answered
            on entries.run_id = answered.run_id and entries.batch = answered.batch
        where day >= date '1970-01-01' + {{since_day}}
    ),
    undone as (
        select event_key, entry, next_state
        from followed
        where state = 'leaving' and next_state in ('returned', 'refused')
    ),
    lost as (
        select event_key, max(entry) as entry, max(written_at) as lost_at
        from {{entries}} as entries
        where state = 'lost' and day >= date '1970-01-01' + {{since_day}}
        group by event_key
    ),
    standing as (
        select
            entries.event_key,
            coalesce(
                max(entries.entry) filter (where state = 'forgotten'), max(entries.entry)
            ) as newest,
            min(written_at) as first_written_at,
            coalesce(
                min({_LEFT_AT}) filter (where undone.entry is null and state <> 'refused'),
                min({_LEFT_AT})
            ) as first_left_at
        from {{entries}} as entries
        left join lost on entries.event_key = lost.event_key
        left join undone
            on entries.event_key = undone.event_key and entries.entry = undone.entry
        where
            (day >= date '1970-01-01' + {{since_day}} or state = 'forgotten')
            and (
                state = 'forgotten'
                or (
                    state not in ('returned', 'lost')
                    and coalesce(undone.next_state, '') <> 'returned'
                    and (lost.entry is null or entries.entry > lost.entry)
                )
            )
        group by entries.event_key
    )
"""

# Entries, but a batch that has its answer is one row of each of its events, and none if it came
# back: half as many rows where all keys are looked at.
_SPANS = f"""
(
    select
        entry, event_key, sale_key, payload_digest, rules_version, state, run_id, batch,
        written_at, day, {_LEFT_AT} as left_at
    from {{schema}}.singles as singles
    union all
    select
        coalesce(answers.entry, batches.entry), event_key, sale_key, payload_digest, rules_version,
        coalesce(outcome, state), batches.run_id, batches.batch,
        coalesce(answers.written_at, batches.written_at),
        cast(coalesce(answers.written_at, batches.written_at) as date),
        case when state = 'leaving' then batches.written_at end
    from {{schema}}.keys as keys
    inner join {{schema}}.batches as batches on keys.entry = batches.entry
    left join {{schema}}.answers as answers
        on batches.entry = answers.batch_entry and outcome <> 'uncertain'
    where coalesce(outcome, '') <> 'returned'
)
"""


def _over_spans(statement: str) -> str:
    return statement.replace(_LEFT_AT, "left_at").replace("{entries}", _SPANS)


SNAPSHOT = _over_spans(f"""
{STANDING}
select
    {{digests}},
    rules_version,
    state,
    cast(
        floor(extract(epoch from coalesce(first_left_at, first_written_at))) as bigint
    ) as first_left_at,
    cast(floor(extract(epoch from written_at)) as bigint) as last_at
from {{entries}} as entries
inner join standing
    on entries.event_key = standing.event_key and entries.entry = standing.newest
where day >= date '1970-01-01' + {{since_day}} or state = 'forgotten'
""")


def _asked(table: str) -> str:
    """The rows of some keys; two joins and a union cost half of one look by either."""
    rows = f"select * from {{schema}}.{table} where"
    return f"({rows} sale_key in {{asked}} union {rows} event_key in {{asked}}) as {table}"


_ASKED_SPANS = _SPANS.replace("{schema}.singles as singles", _asked("singles")).replace(
    "{schema}.keys as keys", _asked("keys")
)
# The same of the keys that `{asked}` gives: they are looked for once, and what is found is kept.
SNAPSHOT_OF_ASKED = SNAPSHOT.replace(_SPANS, "spans").replace(
    "with\n", f"with\n    spans as materialized {_ASKED_SPANS.strip()},\n", 1
)

# What stays of sales that had to be forgotten; no run writes such entries.
FORGOTTEN = """
select
    {digests},
    rules_version,
    state,
    cast(null as bigint) as first_left_at,
    cast(floor(extract(epoch from written_at)) as bigint) as last_at
from {schema}.singles as entries
where state = 'forgotten'
"""

COUNTS = _over_spans(f"""
{STANDING}
select state, count(*)
from {{entries}} as entries
inner join standing
    on entries.event_key = standing.event_key and entries.entry = standing.newest
group by state
order by state
""")

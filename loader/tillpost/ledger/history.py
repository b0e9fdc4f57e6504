"""The whole history of a few events, as it was written down: what `why` tells."""

from dataclasses import dataclass

from tillpost.ledger.statements import _KEYS as KEYS

# $1 keys of events, $2 keys of sales. A request without an answer is no entry of its events.
HISTORY = f"""
select
    entry, event_key, state, dataset_id, run_id, batch, attempt,
    cast(extract(epoch from written_at) as double precision), code, subcode, message, fbtrace_id
from (
    select
        entry, cast(event_key as varchar) as event_key, sale_key, event_key as found_by, state,
        dataset_id, run_id, batch, attempt, written_at, code, subcode, message, fbtrace_id
    from {{entries}}
    union all
    select
        answers.entry, cast(event_key as varchar), sale_key, event_key, 'no answer',
        batches.dataset_id, batches.run_id, batches.batch, attempts, answers.written_at, code,
        subcode, answers.message, fbtrace_id
    from {{schema}}.keys as keys
    inner join {{schema}}.batches as batches on keys.entry = batches.entry
    inner join {{schema}}.answers as answers on batches.entry = answers.batch_entry
    where outcome = 'uncertain'
) as written
where
    found_by in {KEYS.format(keys="cast($1 as varchar)")}
    or sale_key in {KEYS.format(keys="cast($2 as varchar)")}
order by entry
"""


@dataclass(frozen=True)
class Written:
    """One thing that was written down of an event; its time in epoch seconds."""

    entry: int
    event_key: str
    state: str
    dataset_id: str
    run_id: str
    batch: int
    attempt: int
    written_at: float
    code: int | None
    subcode: int | None
    message: str | None
    fbtrace_id: str | None

"""The layout that both ledgers have: its number, an entry's columns, the view of all entries."""

VERSION = 4

COLUMNS = (
    *("event_key", "sale_key", "payload_digest", "rules_version", "dataset_id", "state", "run_id"),
    *("batch", "attempt", "written_at", "fbtrace_id", "code", "subcode", "day", "message"),
)
# A batch is one row, its events three digests each, what became of it one answer: all that is
# written on the way. Entries of single events are what people and other ledgers say.
ENTRIES_VIEW = """
create view {schema}.entries as
select
    entry, event_key, sale_key, payload_digest, rules_version, dataset_id, state, run_id, batch,
    attempt, written_at, fbtrace_id, code, subcode, day, message
from {schema}.singles
union all
select
    batches.entry, event_key, sale_key, payload_digest, rules_version, dataset_id, state, run_id,
    batch, 0, written_at, null, null, null, cast(written_at as date), null
from {schema}.keys as keys
inner join {schema}.batches as batches on keys.entry = batches.entry
union all
select
    answers.entry, event_key, sale_key, payload_digest, rules_version, batches.dataset_id, outcome,
    batches.run_id, batches.batch, attempts, answers.written_at, fbtrace_id, code, subcode,
    cast(answers.written_at as date), case when outcome = 'refused' then message end
from {schema}.keys as keys
inner join {schema}.batches as batches on keys.entry = batches.entry
inner join {schema}.answers as answers on batches.entry = answers.batch_entry
where outcome <> 'uncertain';
"""
NO_DIGEST = "00000000-0000-0000-0000-000000000000"

"""What left under each upload tag, and what came back: the ledger's side of a reconciliation."""

from dataclasses import dataclass

# $1: nothing that left before. An upload tag is a run's id. What got no answer and was accepted in
# another request is settled: whether the first one arrived as well is Meta's affair.
UPLOADS = """
with
    left_since as (
        select
            batches.run_id, batches.dataset_id, batches.written_at, keys.event_key,
            coalesce(answers.outcome, 'uncertain') as outcome
        from {schema}.batches as batches
        inner join {schema}.keys as keys on batches.entry = keys.entry
        left join {schema}.answers as answers on batches.entry = answers.batch_entry
        where batches.state = 'leaving' and batches.written_at >= $1
    ),
    accepted as (select distinct event_key from left_since where outcome = 'accepted')
select
    run_id,
    dataset_id,
    cast(extract(epoch from min(written_at)) as double precision),
    cast(extract(epoch from max(written_at)) as double precision),
    count(case when outcome = 'accepted' then 1 end),
    count(case when outcome = 'refused' then 1 end),
    count(case when outcome = 'returned' then 1 end),
    count(case when outcome = 'uncertain' and accepted.event_key is null then 1 end),
    count(case when outcome = 'uncertain' and accepted.event_key is not null then 1 end)
from left_since
left join accepted on left_since.event_key = accepted.event_key
group by run_id, dataset_id
order by min(written_at) desc, dataset_id
"""


@dataclass(frozen=True)
class Upload:
    """Events of one run to one dataset; moments in epoch seconds.

    ``unanswered`` may have arrived or not, and so may ``settled``, which were accepted in another
    request; ``returned`` were not stored, and left again in parts or with another run.
    """

    run_id: str
    dataset_id: str
    first_at: float
    last_at: float
    accepted: int
    refused: int
    returned: int
    unanswered: int
    settled: int

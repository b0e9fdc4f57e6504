"""What left under each upload tag, and what came back: the ledger's side of a reconciliation."""

from dataclasses import dataclass

# $1: nothing that left before. An upload tag is a run's id. What got no answer and was accepted in
# another request, or is taken for accepted by a person, is settled: whether the first one arrived
# as well is Meta's affair. Meta knows an event again for seven days, so what left in the days
# before counts as well. Forgotten events have no keys any more, but their batch still knows how
# many it held.
UPLOADS = """
with
    sent as (
        select
            batches.entry, batches.run_id, batches.dataset_id, batches.written_at, answers.events,
            coalesce(answers.outcome, 'uncertain') as outcome,
            coalesce(answers.attempts, 1) as attempts
        from {schema}.batches as batches
        left join {schema}.answers as answers on batches.entry = answers.batch_entry
        where
            batches.state = 'leaving'
            and batches.written_at >= cast($1 as timestamp) - interval '8 days'
    ),
    arrived as (
        select sent.entry, sent.written_at, outcome, attempts, event_key
        from sent
        inner join {schema}.keys as keys on sent.entry = keys.entry
        where outcome in ('accepted', 'uncertain')
    ),
    told as (
        select event_key, case when outcome = 'accepted' then 1 else 0 end as accepted, attempts
        from arrived
        union all
        select event_key, 1, 0
        from {schema}.singles
        where state = 'accepted' and written_at >= cast($1 as timestamp) - interval '8 days'
    ),
    events as (
        select event_key, max(accepted) as accepted, sum(attempts) as requests
        from told
        group by event_key
    ),
    known as (
        select
            entry,
            count(*) as events,
            count(case when outcome = 'uncertain' and accepted = 0 then 1 end) as unanswered,
            count(case when requests = 1 then 1 end) as once
        from arrived
        inner join events on arrived.event_key = events.event_key
        where written_at >= $1
        group by entry
    ),
    counted as (
        select
            run_id, dataset_id, written_at, outcome,
            coalesce(sent.events, known.events, 0) as events,
            coalesce(unanswered, 0) as unanswered,
            coalesce(once, 0) as once
        from sent
        left join known on sent.entry = known.entry
        where written_at >= $1
    )
select
    run_id,
    dataset_id,
    cast(extract(epoch from min(written_at)) as double precision),
    cast(extract(epoch from max(written_at)) as double precision),
    cast(sum(case when outcome = 'accepted' then events else 0 end) as bigint),
    cast(sum(case when outcome = 'refused' then events else 0 end) as bigint),
    cast(sum(case when outcome = 'returned' then events else 0 end) as bigint),
    cast(sum(unanswered) as bigint),
    cast(sum(case when outcome = 'uncertain' then events - unanswered else 0 end) as bigint),
    cast(
        sum(case when outcome in ('accepted', 'uncertain') then events - once else 0 end) as bigint
    )
from counted
group by run_id, dataset_id
order by min(written_at) desc, dataset_id
"""


@dataclass(frozen=True)
class Upload:
    """Events of one run to one dataset; moments in epoch seconds.

    ``unanswered`` may have arrived or not, and so may ``settled``, which were accepted in another
    request or are taken for it; ``returned`` were not stored, and left again in parts or with
    another run. ``again`` were in more than one request, as far as they may have arrived.
    """

    run_id: str
    dataset_id: str
    first_at: float
    last_at: float
    accepted: int = 0
    refused: int = 0
    returned: int = 0
    unanswered: int = 0
    settled: int = 0
    again: int = 0

    @property
    def left(self) -> int:
        """How many left, whatever came back."""
        return self.accepted + self.refused + self.returned + self.unanswered + self.settled

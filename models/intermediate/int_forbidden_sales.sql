-- One row per sale that may not go for what another row of it says: without an order
-- id only the event's key tells that two rows are one sale.
select
    rivals,
    max(
        case
            when reasons like '%no_consent%'
            then 'no_consent'
            else 'bad_data_processing'
        end
    ) as reason
from {{ ref('int_events') }}
where reasons like '%no_consent%' or reasons like '%bad_data_processing%'
group by rivals

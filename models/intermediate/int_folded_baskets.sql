-- One row per basket of several lines: what they come to together.
{{ config(materialized='table') }}

with lines as (select * from {{ ref('int_kept_lines') }})

select
    basket,
    {{ smallest_digest('case when place_by_customer = 1 then row_id end') }}
    as customer_row_id,
    max(case when place_by_customer = 1 and has_user_agent then 1 else 0 end)
    = 1 as has_user_agent,
    max(case when place_by_customer = 1 and has_messaging_keys then 1 else 0 end)
    = 1 as has_messaging_keys,
    min(event_time) as event_time,
    max(event_time) as last_time,
    min(currency) as currency,
    max(currency) as last_currency,
    min(order_total) as smallest_total,
    max(order_total) as largest_total,
    sum(line_total) as net,
    max(places) as places,
    max(case when has_bad_number then 1 else 0 end) = 1 as has_bad_number,
    max(case when has_bad_json then 1 else 0 end) = 1 as has_bad_json,
    -- what one line forbids holds for all
    min(case when has_consent then 1 else 0 end) = 1 as has_consent,
    max(case when opts_out then 1 else 0 end) = 1 as opts_out,
    max(data_processing) as data_processing,
    max(case when has_bad_data_processing then 1 else 0 end)
    = 1 as has_bad_data_processing,
    -- a total that one line has is that of all
    max(case when has_no_amount then 1 else 0 end) = 1
    and min(order_total) is null as has_no_amount,
    sum(pieces) as pieces,
    {{ word_lists_of('problems') }} as problems,
    count(*) as lines
from lines
where is_one_of_several
group by basket

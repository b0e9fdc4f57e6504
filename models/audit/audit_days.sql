-- One row per source, store, UTC day, dataset, currency and bucket: its sales, what
-- they are worth, and how many have each part of a customer, as given and as valid.
{%- set fields = [
    'em', 'ph', 'external_id', 'fn', 'ln', 'db', 'ge', 'ct', 'st', 'zp', 'country', 'madid',
    'lead_id', 'client_ip_address', 'client_user_agent', 'user_keys',
] %}
with sales as (select * from {{ ref('audit_sales') }})

select
    source_name,
    store,
    day,
    dataset_id,
    currency,
    bucket,
    count(*) as sales,
    max(event_time) as newest_at,
    sum(lines) as source_rows,
    sum(order_value) as value,
    count(case when order_value = 0 then 1 end) as zero_sales,
    count(case when order_value < 0 then 1 end) as refunds,
    count(case when event_time > {{ as_of() }} - 3 * 86400 then 1 end) as fresh_sales,
    sum(is_looked_at) as looked_at,
    sum(has_contact) as with_contact,
    sum(is_matchable) as matchable,
    {%- for field in fields %}
        sum({{ field }}_given) as {{ field }}_given,
        sum({{ field }}_valid) as {{ field }}_valid{{ ',' if not loop.last }}
    {%- endfor %}
from sales
group by source_name, store, day, dataset_id, currency, bucket

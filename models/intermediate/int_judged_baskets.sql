-- One row per basket: what can be said against it before its customer is looked at.
{{ config(materialized='table') }}

with
    baskets as (select * from {{ ref('int_baskets') }}),
    reused_sales as (select * from {{ ref('int_reused_sales') }}),
    restricted_sales as (select * from {{ ref('int_restricted_sales') }}),
    action_sources as (select * from {{ ref('action_sources') }}),
    currencies as (select * from {{ ref('currencies') }}),
    ledger as (select * from {{ source('tillpost', 'ledger_snapshot') }}),

    forgotten_sales as (
        select sale_key from ledger where state = 'forgotten' group by sale_key
    ),

    looked_up as (
        select
            baskets.*,
            action_sources.window_days,
            action_sources.needs_web_page,
            action_sources.needs_app_data,
            action_sources.needs_messaging_keys,
            currencies.currency as known_currency,
            reused_sales.sale_key is not null as is_reused,
            forgotten_sales.sale_key is not null as is_forgotten,
            coalesce(
                restricted_sales.has_consent, baskets.has_consent
            ) as sale_has_consent,
            coalesce(restricted_sales.opts_out, baskets.opts_out) as sale_opts_out,
            coalesce(
                restricted_sales.data_processing, baskets.data_processing
            ) as sale_data_processing,
            coalesce(
                restricted_sales.has_bad_data_processing,
                baskets.has_bad_data_processing
            ) as sale_has_bad_data_processing
        from baskets
        left join action_sources on baskets.action_source = action_sources.action_source
        left join currencies on baskets.currency = currencies.currency
        left join reused_sales on baskets.sale_key = reused_sales.sale_key
        left join forgotten_sales on baskets.sale_key = forgotten_sales.sale_key
        left join restricted_sales on baskets.sale_key = restricted_sales.sale_key
    ),

    judged as (
        select
            *,
            case when event_time is null then 'bad_time' end as bad_time,
            case when event_time > {{ as_of() }} then 'in_future' end as in_future,
            case
                when event_time < {{ as_of() }} - {{ days('window_days') }}
                then 'too_old'
            end as too_old,
            case when event_name is null then 'no_event_name' end as no_event_name,
            case
                when window_days is null then 'bad_action_source'
            end as bad_action_source,
            case
                when needs_web_page and not has_page then 'no_event_source_url'
            end as no_event_source_url,
            case
                when needs_web_page and not has_user_agent then 'no_client_user_agent'
            end as no_client_user_agent,
            case
                when needs_app_data and not has_app_data then 'no_app_data'
            end as no_app_data,
            case
                when needs_messaging_keys and not has_messaging_keys
                then 'no_messaging_keys'
            end as no_messaging_keys,
            case
                when {{ var('event_per_line', false) }} and item_number is null
                then 'no_item_number'
            end as no_item_number,
            case when not sale_has_consent then 'no_consent' end as no_consent,
            case
                when sale_has_bad_data_processing then 'bad_data_processing'
            end as bad_data_processing,
            case when has_bad_json then 'bad_json' end as bad_json,
            case when has_bad_number then 'bad_value' end as bad_value,
            case
                when
                    event_name = 'Purchase'
                    and (order_value is null or has_no_amount)
                    and not has_bad_number
                then 'no_value'
            end as no_value,
            case
                when order_value = 0 and not {{ var('send_zero_value') }}
                then 'zero_value'
            end as zero_value,
            case
                when event_name = 'Purchase' and order_value < 0 then 'refund'
            end as refund,
            case
                when event_name = 'Purchase' and currency is null then 'no_currency'
            end as no_currency,
            case
                when currency is not null and known_currency is null then 'bad_currency'
            end as bad_currency,
            case
                when currency <> last_currency then 'mixed_currency'
            end as mixed_currency,
            case when has_mixed_totals then 'mixed_total' end as mixed_total,
            case when is_reused then 'order_id_reused' end as order_id_reused
        from looked_up
    ),

    reasoned as (
        select
            *,
            -- nothing more is told of what had to be forgotten
            case
                when is_forgotten
                then 'forgotten'
                else
                    {{ word_list(
                'bad_time', 'in_future', 'too_old', 'no_event_name', 'bad_action_source',
                'no_event_source_url', 'no_client_user_agent', 'no_app_data',
                'no_messaging_keys', 'no_item_number', 'no_consent', 'bad_data_processing',
                'bad_json', 'bad_value', 'no_value', 'zero_value', 'refund', 'no_currency',
                'bad_currency', 'mixed_currency', 'mixed_total', 'order_id_reused',
            ) }}
            end as reasons
        from judged
    )

select
    basket,
    first_row_ref,
    customer_row_id,
    source_name,
    store_data,
    dataset_id,
    event_name,
    action_source,
    order_id,
    item_number,
    event_time,
    event_time + {{ days('window_days') }} as sendable_until,
    event_properties,
    sale_opts_out as opts_out,
    sale_data_processing as data_processing,
    custom_properties,
    content_ids,
    num_items,
    delivery_category,
    problems,
    currency,
    order_value,
    places,
    contents,
    lines,
    sale_key,
    reasons,
    -- without an order id the event's key needs the customer
    reasons = '' or (order_id is null and event_time is not null) as needs_customer
from reasoned

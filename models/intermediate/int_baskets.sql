-- One row per basket: the sale that Meta may hear of, as its first line and all of
-- them together say.
{{ config(materialized='table') }}

with
    first_lines as (select * from {{ ref('int_kept_lines') }} where place = 1),
    folded as (select * from {{ ref('int_folded_baskets') }}),
    articles as (select * from {{ ref('int_basket_contents') }})

select
    first_lines.basket,
    first_lines.row_ref as first_row_ref,
    first_lines.source_name,
    first_lines.store_data,
    first_lines.dataset_id,
    first_lines.event_name,
    first_lines.action_source,
    first_lines.order_id,
    first_lines.item_number,
    first_lines.event_properties,
    first_lines.custom_properties,
    first_lines.has_page,
    first_lines.has_app_data,
    coalesce(folded.problems, first_lines.problems) as problems,
    case
        when first_lines.order_id is not null
        then {{ sale_key() }}
        when first_lines.row_key is not null
        then
            {{ digest16(
                "'row'", 'dataset_id', 'event_name', 'item_number', 'source_name',
                'row_key'
            ) }}
    end as sale_key,
    coalesce(folded.customer_row_id, first_lines.row_id) as customer_row_id,
    coalesce(folded.has_user_agent, first_lines.has_user_agent) as has_user_agent,
    coalesce(
        folded.has_messaging_keys, first_lines.has_messaging_keys
    ) as has_messaging_keys,
    coalesce(folded.event_time, first_lines.event_time) as event_time,
    coalesce(folded.last_time, first_lines.event_time) as last_time,
    coalesce(folded.currency, first_lines.currency) as currency,
    coalesce(folded.last_currency, first_lines.currency) as last_currency,
    coalesce(
        first_lines.order_total,
        folded.smallest_total,
        folded.net,
        first_lines.line_total
    ) as order_value,
    coalesce(folded.has_no_amount, first_lines.has_no_amount) as has_no_amount,
    coalesce(folded.smallest_total <> folded.largest_total, false) as has_mixed_totals,
    coalesce(folded.places, first_lines.places) as places,
    coalesce(folded.has_bad_number, first_lines.has_bad_number) as has_bad_number,
    coalesce(folded.has_bad_json, first_lines.has_bad_json) as has_bad_json,
    coalesce(folded.has_consent, first_lines.has_consent) as has_consent,
    coalesce(folded.opts_out, first_lines.opts_out) as opts_out,
    coalesce(folded.data_processing, first_lines.data_processing) as data_processing,
    coalesce(
        folded.has_bad_data_processing, first_lines.has_bad_data_processing
    ) as has_bad_data_processing,
    case
        when first_lines.is_one_of_several
        then articles.contents
        else '[' || first_lines.content || ']'
    end as contents,
    coalesce(
        first_lines.content_ids,
        articles.content_ids,
        '[' || first_lines.content_id || ']'
    ) as content_ids,
    coalesce(
        first_lines.num_items,
        cast(coalesce(folded.pieces, first_lines.pieces) as varchar)
    ) as num_items,
    -- articles say theirs themselves
    case
        when first_lines.content is null and articles.contents is null
        then first_lines.delivery_category
    end as delivery_category,
    coalesce(folded.lines, 1) as lines
from first_lines
left join folded on first_lines.basket = folded.basket
left join articles on first_lines.basket = articles.basket

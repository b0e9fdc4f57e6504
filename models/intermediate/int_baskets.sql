-- One row per basket: its kept lines folded into the sale that Meta may hear of.
with
    lines as (select * from {{ ref('int_kept_lines') }}),
    contents as (select * from {{ ref('int_contents') }}),

    folded as (
        select
            lines.basket,
            min(lines.event_time) as event_time,
            max(lines.event_time) as last_time,
            min(lines.currency) as currency,
            max(lines.currency) as last_currency,
            sum(lines.line_total) as net,
            max(lines.places) as places,
            max(case when lines.has_bad_number then 1 else 0 end) as bad_numbers,
            {{ json_array_of('contents.content', 'lines.place') }} as contents,
            count(*) as lines
        from lines
        left join contents on lines.row_id = contents.row_id
        group by lines.basket
    )

select
    folded.basket,
    first_line.row_ref as first_row_ref,
    first_line.source_name,
    first_line.row_key,
    first_line.dataset_id,
    first_line.event_name,
    first_line.action_source,
    first_line.order_id,
    first_line.item_number,
    first_line.event_id,
    first_line.event_source_url,
    customer_line.row_id as customer_row_id,
    customer_line.has_user_agent,
    folded.event_time,
    folded.last_time,
    folded.currency,
    folded.last_currency,
    coalesce(first_line.order_total, folded.net) as order_value,
    folded.places,
    folded.bad_numbers > 0 as has_bad_number,
    folded.contents,
    folded.lines
from folded
inner join
    lines as first_line on folded.basket = first_line.basket and first_line.place = 1
inner join
    lines as customer_line
    on folded.basket = customer_line.basket
    and customer_line.place_by_customer = 1

-- One row per basket of several lines: its articles, side by side.
{{ config(materialized='table') }}

{% set places = lines_side_by_side() | int %}

with
    {% for place in range(1, places + 1) %}
        line_{{ place }} as (
            select basket, content, content_id
            from {{ ref('int_kept_lines') }}
            where is_one_of_several and place = {{ place }}
        ),
    {% endfor %}

    further_lines as (
        select
            basket,
            {{ json_items_of('content', 'place') }} as content,
            {{ json_items_of('content_id', 'place') if var('send_content_ids', false) else 'cast(null as varchar)' }}
            as content_id
        from {{ ref('int_kept_lines') }}
        where is_one_of_several and place > {{ places }}
        group by basket
    )

select
    line_1.basket,
    {{ side_by_side('content', places) }} as contents,
    {{ side_by_side('content_id', places) if var('send_content_ids', false) else 'cast(null as varchar)' }}
    as content_ids
from line_1
{% for place in range(2, places + 1) %}
    left join line_{{ place }} on line_1.basket = line_{{ place }}.basket
{% endfor %}
left join further_lines on line_1.basket = further_lines.basket

{% macro postgres__is_date_only(text) -%}
    {%- set space = '[\\t\\n\\f\\r' ~ code_points('Z', 'postgres') ~ ']*' -%}
    (
        {{ text }} not like '%:%'
        and lower({{ text }} collate "C")
        ~ '^{{ space }}{{ postgres__day_pattern() }}{{ space }}$'
    )
{%- endmacro %}

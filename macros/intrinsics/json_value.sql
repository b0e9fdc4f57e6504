{#
    A value as JSON: a text, a number, true or false; null where it is none of these (blank, not
    finite, a list). A decimal keeps its places, which DuckDB's own JSON makes a float of.
#}
{% macro json_value(value) %} {{ adapter.dispatch('json_value')(value) }}{% endmacro %}

{% macro duckdb__json_value(value) -%}
    nullif(
        regexp_extract(
            case
                when typeof({{ value }}) like 'DECIMAL%'
                then cast({{ value }} as varchar)
                else cast(to_json({{ value }}) as varchar)
            end,
            '^(?:true|false|-?[0-9].*|"[\s\pZ]*[^\s\pZ"].*")$'
        ),
        ''
    )
{%- endmacro %}

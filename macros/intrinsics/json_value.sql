{#
    A value as JSON: a text, a number, true or false; null where it is none of these (blank, not
    finite, a list).
#}
{% macro json_value(value) %} {{ adapter.dispatch('json_value')(value) }}{% endmacro %}

{% macro duckdb__json_value(value) -%}
    nullif(
        regexp_extract(
            cast(to_json({{ value }}) as varchar),
            '^(?:true|false|-?[0-9].*|"[\s\pZ]*[^\s\pZ"].*")$'
        ),
        ''
    )
{%- endmacro %}

{#
    A mobile advertising id: a lowercase UUID with dashes; all zeros (tracking is limited) is
    null. In clear, never hashed.
#}
{% macro normalize_madid(madid) %}
    {{ adapter.dispatch('normalize_madid')(madid) }}
{% endmacro %}

{% macro duckdb__normalize_madid(madid) -%}
    nullif(
        nullif(
            regexp_extract(
                {{ madid }},
                '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
            ),
            ''
        ),
        '00000000-0000-0000-0000-000000000000'
    )
{%- endmacro %}

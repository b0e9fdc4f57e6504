{#
    A mobile advertising id: a lowercase UUID with dashes; all zeros (tracking is limited) is
    null. In clear, never hashed.
#}
{% macro normalize_madid(madid) %}
    {{ adapter.dispatch('normalize_madid')(madid) }}
{% endmacro %}

{% macro duckdb__normalize_madid(madid) -%}
    case
        when
            regexp_full_match(
                {{ madid }}, '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'
            )
            and {{ madid }} <> '00000000-0000-0000-0000-000000000000'
        then {{ madid }}
    end
{%- endmacro %}

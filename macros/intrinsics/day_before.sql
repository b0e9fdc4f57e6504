{# The moment a number of days before another, as a timestamp without zone. #}
{% macro day_before(epoch_seconds, days) %}
    {{ adapter.dispatch('day_before')(epoch_seconds, days) }}
{% endmacro %}

{% macro duckdb__day_before(epoch_seconds, days) -%}
    make_timestamp(
        ({{ epoch_seconds }} - cast(({{ days }}) * 86400 as bigint)) * 1000000
    )
{%- endmacro %}

{# The moment a number of hours before another, as a timestamp without zone. #}
{% macro hours_before(epoch_seconds, hours) %}
    {{ adapter.dispatch('hours_before')(epoch_seconds, hours) }}
{% endmacro %}

{% macro duckdb__hours_before(epoch_seconds, hours) -%}
    make_timestamp(
        ({{ epoch_seconds }} - cast(({{ hours }}) * 3600 as bigint)) * 1000000
    )
{%- endmacro %}

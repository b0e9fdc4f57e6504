{# The day of a raw column of any type, or null; reads typed columns without touching them, so that files can be skipped. #}
{% macro day_of(column) %} {{ adapter.dispatch('day_of')(column) }}{% endmacro %}

{% macro duckdb__day_of(column) -%} try_cast({{ column }} as timestamp) {%- endmacro %}

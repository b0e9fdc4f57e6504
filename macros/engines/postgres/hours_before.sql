{% macro postgres__hours_before(epoch_seconds, hours) -%}
    cast('1970-01-01' as timestamp)
    + ({{ epoch_seconds }} - cast(({{ hours }}) * 3600 as bigint)) * interval '1 second'
{%- endmacro %}

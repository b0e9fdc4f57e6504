{# The year of epoch seconds, in UTC, as a text. #}
{% macro spark__year_of(epoch_seconds) -%}
    cast(
        year(date '1970-01-01' + cast(({{ epoch_seconds }}) div 86400 as int)) as string
    )
{%- endmacro %}

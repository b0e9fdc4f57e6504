{# A decimal as a JSON number with so many places; more are cut. #}
{% macro number_text(number, places) %}{{ adapter.dispatch('number_text')(number, places) }}{% endmacro %}

{% macro duckdb__number_text(number, places) -%}
regexp_replace(left(cast(cast({{ number }} as decimal(38, 6)) as varchar), -6) || left(split_part(cast(cast({{ number }} as decimal(38, 6)) as varchar), '.', 2), cast({{ places }} as bigint)), '\.$', '')
{%- endmacro %}

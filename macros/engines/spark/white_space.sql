{# What `\s\pZ` is in DuckDB, to stand inside a bracket. #}
{% macro spark__white_space() -%}
    {{ '\\t\\n\\f\\r' ~ code_points('Z', 'spark') }}
{%- endmacro %}

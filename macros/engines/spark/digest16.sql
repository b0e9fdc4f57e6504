{# Spark has no type of its own for it: a text, written as DuckDB writes a uuid. #}
{% macro spark__digest16() -%}
    {%- set values = [] -%}
    {%- for value in varargs -%}
        {%- do values.append("coalesce(cast(" ~ value ~ " as string), '')") -%}
    {%- endfor -%}
    regexp_replace(
        md5(concat_ws(chr(31), {{ values | join(', ') }})),
        '^(.{8})(.{4})(.{4})(.{4})',
        '$1-$2-$3-$4-'
    )
{%- endmacro %}

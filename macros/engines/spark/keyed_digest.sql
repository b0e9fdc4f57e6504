{# Spark's views may not read what only a session knows, and the key may stand in no text. #}
{% macro spark__keyed_digest(text) -%}
    {%- do exceptions.raise_compiler_error(
        'keyed_digest cannot be used in Spark: a view there would have to hold the key; '
        'digest the column before it comes to Spark, or run the models in DuckDB or PostgreSQL'
    ) -%}
{%- endmacro %}

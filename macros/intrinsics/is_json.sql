{# Whether a text is JSON as Meta reads it. #}
{% macro is_json(text) %} {{ adapter.dispatch('is_json')(text) }}{% endmacro %}

{% macro duckdb__is_json(text) -%}
    {#- DuckDB takes NaN and Infinity too, and a comma before what closes. #}
    (
        json_valid({{ text }})
        and not regexp_matches(
            regexp_replace({{ text }}, '"(?:[^"\\]|\\.)*"', '0', 'g'),
            ',\s*[\]}]|[nN][aA][nN]|[iI][nN][fF]'
        )
    )
{%- endmacro %}

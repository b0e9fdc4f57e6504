{# Whether a text is an MD5 hash, which is of no use to Meta. For `problem_of_*` only. #}
{% macro is_md5(text) %} {{ adapter.dispatch('is_md5')(text) }}{% endmacro %}

{% macro duckdb__is_md5(text) -%}
    regexp_full_match({{ text }}, '[0-9A-Fa-f]{32}')
{%- endmacro %}

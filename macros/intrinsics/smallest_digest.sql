{# Aggregate: the smallest digest of a group. #}
{% macro smallest_digest(digest) %}
    {{ adapter.dispatch('smallest_digest')(digest) }}
{% endmacro %}

{% macro duckdb__smallest_digest(digest) -%} min({{ digest }}) {%- endmacro %}

{# Aggregate: the largest digest of a group. #}
{% macro largest_digest(digest) %}
    {{ adapter.dispatch('largest_digest')(digest) }}
{% endmacro %}

{% macro default__largest_digest(digest) -%} max({{ digest }}) {%- endmacro %}

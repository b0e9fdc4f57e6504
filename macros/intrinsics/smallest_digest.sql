{# Aggregate: the smallest digest of a group. #}
{% macro smallest_digest(digest) %}
    {{ adapter.dispatch('smallest_digest')(digest) }}
{% endmacro %}

{% macro default__smallest_digest(digest) -%} min({{ digest }}) {%- endmacro %}

{# Aggregate: the words of a group, with commas between; null where all are. #}
{% macro word_lists_of(words) %}
    {{ adapter.dispatch('word_lists_of')(words) }}
{% endmacro %}

{% macro default__word_lists_of(words) -%} string_agg({{ words }}, ',') {%- endmacro %}

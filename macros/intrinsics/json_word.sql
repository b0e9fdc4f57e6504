{# A text known to need no escaping (a hash, a code of ours) as a JSON string; null stays null. #}
{% macro json_word(text) %} {{ adapter.dispatch('json_word')(text) }}{% endmacro %}

{% macro default__json_word(text) -%} '"' || {{ text }} || '"' {%- endmacro %}

{# The type of a 16-byte digest. #}
{% macro type_digest() %} {{ adapter.dispatch('type_digest')() }}{% endmacro %}

{% macro duckdb__type_digest() -%} uuid {%- endmacro %}

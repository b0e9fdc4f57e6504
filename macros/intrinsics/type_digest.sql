{# The type of a 16-byte digest. #}
{% macro type_digest() %} {{ adapter.dispatch('type_digest')() }}{% endmacro %}

{% macro default__type_digest() -%} uuid {%- endmacro %}

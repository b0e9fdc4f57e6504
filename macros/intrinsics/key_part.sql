{# A part of a key, with the sign that parts keys escaped as JSON pointers do it. #}
{% macro key_part(text) %} {{ adapter.dispatch('key_part')(text) }} {% endmacro %}

{% macro default__key_part(text) -%}
    replace(replace({{ text }}, '~', '~0'), '/', '~1')
{%- endmacro %}

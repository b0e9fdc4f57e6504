{# Words with commas between; those that are null are left out. #}
{% macro word_list() %} {{ adapter.dispatch('word_list')(*varargs) }}{% endmacro %}

{% macro default__word_list() -%}
    concat_ws(',', {{ varargs | join(', ') }})
{%- endmacro %}

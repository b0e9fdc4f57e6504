{% macro spark__json_member(object, name) -%}
    get_json_object({{ object }}, '$.' || {{ name }})
{%- endmacro %}

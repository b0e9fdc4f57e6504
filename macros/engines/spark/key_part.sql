{% macro spark__key_part(text) -%}
    replace(replace({{ text }}, '~', '~0'), '/', '~1')
{%- endmacro %}

{% macro spark__is_md5(text) -%}
    ({{ text }} rlike r'^[0-9A-Fa-f]{32}\z')
{%- endmacro %}

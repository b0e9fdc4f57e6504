{# Keys sort by their bytes, whatever the database's own order is. #}
{% macro postgres__key_part(text) -%}
    replace(replace({{ text }}, '~', '~0'), '/', '~1') collate "C"
{%- endmacro %}

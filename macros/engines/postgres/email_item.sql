{% macro postgres__email_item(emails, number) -%}
    nullif(split_part({{ emails }}, chr(31), {{ number }}), '')
{%- endmacro %}

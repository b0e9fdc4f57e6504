{# A text without white space around it and invisible characters in it, not in NFC yet. #}
{% macro spark__visible_signs(text) -%}
    {%- set around = '[\\x00' ~ code_points('Z C', 'spark') ~ ']' -%}
    {%- set within = '[\\x00-\\x08\\x0E-\\x1F\\x7F-\\x9F' ~ code_points('Cf Co', 'spark') ~ ']' -%}
    regexp_replace({{ text }}, r'^{{ around }}++|{{ around }}++\z|{{ within }}++', '')
{%- endmacro %}

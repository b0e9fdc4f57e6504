{% macro postgres__normalize_gender(gender, letter) -%}
    {%- set rule -%}
        {{ letter }}
    {%- endset -%}
    {{ postgres__unless_hashed(gender, rule) }}
{%- endmacro %}

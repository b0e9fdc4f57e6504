{% macro spark__normalize_gender(gender, letter) -%}
    {%- set rule -%}
        {{ letter }}
    {%- endset -%}
    {{ spark__unless_hashed(gender, rule) }}
{%- endmacro %}

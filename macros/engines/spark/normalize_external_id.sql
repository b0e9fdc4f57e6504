{% macro spark__normalize_external_id(external_id) -%}
    {%- set rule -%} regexp_replace({{ external_id }}, r'[{{ spark__white_space() }}]+', ''){%- endset -%}
    {{ spark__unless_hashed(external_id, rule, plain='[!-~]+') }}
{%- endmacro %}

{% macro postgres__normalize_name(name) -%}
    {{ postgres__unless_hashed(name, postgres__without_punctuation(name)) }}
{%- endmacro %}

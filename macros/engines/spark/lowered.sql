{# Lowercase letter by letter: a sigma is never the final one, and a dotted I becomes one letter. #}
{% macro spark__lowered(text) -%}
    lower(translate({{ text }}, 'İΣ', 'iσ'))
{%- endmacro %}

{#
    Lowercase as DuckDB has it, sign by sign, whatever the locale of the database. ICU makes
    two signs of a dotted capital I, and looks whether a sigma ends a word. The result is of the
    database's own collation again: two others cannot stand in one expression.
#}
{% macro postgres__lowered(text) -%}
    lower(translate({{ text }}, 'İΣ', 'iσ') collate "und-x-icu") collate "default"
{%- endmacro %}

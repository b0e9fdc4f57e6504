{#
    SHA-256 of a text as 64 lowercase hex; a text that is one already stays as it is, an empty
    one is null.
#}
{% macro sha256_hex(text) %} {{ adapter.dispatch('sha256_hex')(text) }}{% endmacro %}

{% macro duckdb__sha256_hex(text) -%}
    case
        when strlen({{ text }}) = 64 and regexp_full_match({{ text }}, '[0-9a-f]+')
        then {{ text }}
        when {{ text }} <> ''
        then sha256({{ text }})
    end
{%- endmacro %}

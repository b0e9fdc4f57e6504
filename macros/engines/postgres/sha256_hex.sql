{% macro postgres__sha256_hex(text) -%}
    case
        when octet_length({{ text }}) = 64 and {{ text }} ~ '^[0-9a-f]+$'
        then {{ text }}
        when {{ text }} <> ''
        then encode(sha256(convert_to({{ text }}, 'UTF8')), 'hex')
    end
{%- endmacro %}

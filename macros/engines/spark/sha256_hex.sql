{% macro spark__sha256_hex(text) -%}
    case
        when octet_length({{ text }}) = 64 and {{ text }} rlike r'^[0-9a-f]+\z'
        then {{ text }}
        when {{ text }} <> ''
        then sha2({{ text }}, 256)
    end
{%- endmacro %}

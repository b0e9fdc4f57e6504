{% macro postgres__letters_of(text) -%}
    {%- set letters = code_points('Ll Lo Mn Mc', 'postgres') -%}
    case
        when {{ text }} ~ '^[a-z]*$'
        then {{ text }}
        when octet_length({{ text }}) = length({{ text }})
        then regexp_replace({{ text }}, '[^a-z]+', '', 'g')
        else regexp_replace({{ text }}, '[^{{ letters }}]+', '', 'g')
    end
{%- endmacro %}

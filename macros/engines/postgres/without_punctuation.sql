{% macro postgres__without_punctuation(text) -%}
    {%- set signs = code_points('Z C P Sc Sm Sk', 'postgres') -%}
    case
        when {{ text }} ~ '^[a-z0-9]*$'
        then {{ text }}
        when octet_length({{ text }}) = length({{ text }})
        then regexp_replace({{ text }}, '[^A-Za-z0-9]+', '', 'g')
        else normalize(regexp_replace({{ text }}, '[{{ signs }}]+', '', 'g'))
    end
{%- endmacro %}

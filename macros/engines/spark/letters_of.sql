{% macro spark__letters_of(text) -%}
    {%- set letter = code_points('Ll Lo Mn Mc', 'spark') -%}
    {%- if '(' in text -%}
        transform(array({{ text }}), lettered -> {{ spark__letters_of('lettered') }})[0]
    {%- else -%}
        case
            when {{ text }} rlike r'^[a-z]*\z'
            then {{ text }}
            when octet_length({{ text }}) = char_length({{ text }})
            then regexp_replace({{ text }}, r'[^a-z]+', '')
            else regexp_replace({{ text }}, r'[^{{ letter }}]+', '')
        end
    {%- endif -%}
{%- endmacro %}

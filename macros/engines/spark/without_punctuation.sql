{% macro spark__without_punctuation(text) -%}
    {%- set signs = code_points('Z C P Sc Sm Sk', 'spark') -%}
    {%- if '(' in text -%}
        transform(
            array({{ text }}), named -> {{ spark__without_punctuation('named') }}
        )[0]
    {%- else -%}
        {%- set rest -%} regexp_replace({{ text }}, r'[\x00{{ signs }}]+', ''){%- endset -%}
        case
            when {{ text }} rlike r'^[a-z0-9]*\z'
            then {{ text }}
            when octet_length({{ text }}) = char_length({{ text }})
            then regexp_replace({{ text }}, r'[^0-9A-Za-z]+', '')
            else {{ spark__nfc(rest) }}
        end
    {%- endif -%}
{%- endmacro %}

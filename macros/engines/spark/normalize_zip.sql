{% macro spark__normalize_zip(zip, country) -%}
    {%- set white = spark__white_space() -%}
    {%- set dash -%} {{ code_points('Pd', 'spark') }}\x{2212}{%- endset -%}
    {%- set head -%}
        regexp_replace({{ zip }}, r'(?s)[{{ white }}]+|[{{ dash }}].*\z', '')
    {%- endset -%}
    {%- set rule -%}
        regexp_extract(
            case
                when {{ country }} = 'us'
                then regexp_replace({{ head }}, r'^[^0-9]*([0-9]{5})[^\n]*\z', '$1')
                else {{ head }}
            end,
            r'^[^\n]{2,}\z',
            0
        )
    {%- endset -%}
    {{ spark__unless_hashed(zip, rule, plain='[0-9a-z]{2,5}') }}
{%- endmacro %}

{# What is taken is never given back (+): a long list would overflow Java's stack. #}
{% macro spark__email_list(first, second, third) -%}
    {%- set white = spark__white_space() -%}
    {%- set address -%} [^{{ white }};,|@]++@[^{{ white }};,|@]++{%- endset -%}
    {%- set between -%} [{{ white }}]*+[;,|][{{ white }};,|]*+{%- endset -%}
    {%- set lists = [] -%}
    {%- for column in [first, second, third] -%}
        {%- set list -%}
            case
                when {{ column }} rlike r'^[{{ white }}]*+{{ address }}(?:{{ between }}{{ address }})++[{{ white }};,|]*\z'
                then regexp_replace(trim(trailing ' ;,|' from {{ column }}), r'{{ between }}', chr(31))
                else {{ column }}
            end
        {%- endset -%}
        {%- do lists.append(list) -%}
    {%- endfor -%}
    case
        when
            {{ second }} is not null
            or {{ third }} is not null
            or contains({{ first }}, ';')
            or contains({{ first }}, ',')
            or contains({{ first }}, '|')
        then concat_ws(chr(31), {{ lists | join(', ') }})
    end
{%- endmacro %}

{% macro postgres__email_list(first, second, third) -%}
    {%- set white -%} \t\n\f\r{{ code_points('Z', 'postgres') }}{%- endset -%}
    {%- set address -%} [^{{ white }};,|@]+@[^{{ white }};,|@]+{%- endset -%}
    {%- set between -%} [{{ white }}]*[;,|][{{ white }};,|]*{%- endset -%}
    {%- set lists = [] -%}
    {%- for column in [first, second, third] -%}
        {%- set list -%}
            case
                when {{ column }} ~ '^[{{ white }}]*{{ address }}(?:{{ between }}{{ address }})+[{{ white }};,|]*$'
                then regexp_replace(rtrim({{ column }}, ' ;,|'), '{{ between }}', chr(31), 'g')
                else {{ column }}
            end
        {%- endset -%}
        {%- do lists.append(list) -%}
    {%- endfor -%}
    case
        when
            {{ second }} is not null or {{ third }} is not null or {{ first }} ~ '[;,|]'
        then concat_ws(chr(31), {{ lists | join(', ') }})
    end
{%- endmacro %}

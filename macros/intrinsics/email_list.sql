{#
    The addresses in up to three columns with unit separators between, null where there is only one
    in the first. A column holds several where a semicolon, comma or bar stands between what are
    addresses all; else it is one, sound or not.
#}
{% macro email_list(first, second, third) %}
    {{ adapter.dispatch('email_list')(first, second, third) }}
{% endmacro %}

{% macro duckdb__email_list(first, second, third) -%}
    {%- set address -%} [^\s\pZ;,|@]+@[^\s\pZ;,|@]+{%- endset -%}
    {%- set between -%} [\s\pZ]*[;,|][\s\pZ;,|]*{%- endset -%}
    {%- set lists = [] -%}
    {%- for column in [first, second, third] -%}
        {%- set list -%}
            case
                when regexp_full_match({{ column }}, '[\s\pZ]*{{ address }}(?:{{ between }}{{ address }})+[\s\pZ;,|]*')
                then regexp_replace(rtrim({{ column }}, ' ;,|'), '{{ between }}', chr(31), 'g')
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

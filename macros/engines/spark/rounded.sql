{% macro spark__rounded(number, places) -%}
    {#- A number of places must be a constant here as well. -#}
    case
        {{ places }}
        {% for place in range(6) -%}
            when {{ place }}
            then cast(round({{ number }}, {{ place }}) as decimal(38, 6))
        {% endfor -%}
        else cast({{ number }} as decimal(38, 6))
    end
{%- endmacro %}

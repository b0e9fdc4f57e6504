{# A number rounded to so many places, halves away from zero; never in binary. #}
{% macro rounded(number, places) %}
    {{ adapter.dispatch('rounded')(number, places) }}
{% endmacro %}

{% macro duckdb__rounded(number, places) -%}
    {#- A decimal is rounded to a constant number of places only. -#}
    list_transform(
        [{{ number }}],
        lambda its_number: case
            {{ places }}
            {% for place in range(6) -%}
                when {{ place }}
                then cast(round(its_number, {{ place }}) as decimal(38, 6))
            {% endfor -%}
            else cast(its_number as decimal(38, 6))
        end
    )[1]
{%- endmacro %}

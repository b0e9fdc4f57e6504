{% macro spark__currency_code(text) -%}
    case
        when {{ text }} rlike r'\A[A-Za-z]{3}\z'
        then upper({{ text }})
        when {{ text }} is not null
        then 'XXX'
    end
{%- endmacro %}

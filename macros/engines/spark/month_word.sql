{% macro spark__month_word(birth_date) -%}
    case
        when {{ birth_date }} not rlike r'^[0-9 :./-]*+\z'
        then {{ spark__named_date(birth_date, "'$2$4$8'") }}
    end
{%- endmacro %}

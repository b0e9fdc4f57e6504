{#
    A number as people write it, with a point and without separators or a currency's sign:
    1.164,61 and £1,164.61 are 1164.61, 0,432 is 0.432; what could be read two ways (1,164)
    stays as it is.
#}
{% macro plain_number(text) %}
    {{ adapter.dispatch('plain_number')(text) }}
{% endmacro %}

{% macro duckdb__plain_number(text) -%}
    {%- set text = "trim(" ~ text ~ ", ' €$£¥')" -%}
    case
        when not contains({{ text }}, ',')
        then {{ text }}
        when regexp_full_match({{ text }}, '-?(\d+|\d{1,3}(\.\d{3})+),\d{1,2}|-?0,\d+')
        then replace(replace({{ text }}, '.', ''), ',', '.')
        when regexp_full_match({{ text }}, '-?\d{1,3}(,\d{3})+\.\d+')
        then replace({{ text }}, ',', '')
        else {{ text }}
    end
{%- endmacro %}

{# Which share of a whole number another one is, 0 to 1 with four places. #}
{% macro share_of(part, whole) %}
    {{ adapter.dispatch('share_of')(part, whole) }}
{% endmacro %}

{% macro default__share_of(part, whole) -%}
    round(cast({{ part }} as decimal(18, 4)) / {{ whole }}, 4)
{%- endmacro %}

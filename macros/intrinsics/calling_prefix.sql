{# The first three digits behind the plus: what `calling_prefixes` is joined by. #}
{% macro calling_prefix(phone) %}
    {{ adapter.dispatch('calling_prefix')(phone) }}
{% endmacro %}

{% macro duckdb__calling_prefix(phone) -%}
    left(ltrim({{ phone }}, '+'), 3)
{%- endmacro %}

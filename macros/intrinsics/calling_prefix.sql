{# The first four digits of a phone, behind its plus: what `calling_prefixes` is joined by. #}
{% macro calling_prefix(phone) %}
    {{ adapter.dispatch('calling_prefix')(phone) }}
{% endmacro %}

{% macro default__calling_prefix(phone) -%}
    case
        when starts_with({{ phone }}, '+')
        then substr({{ phone }}, 2, 4)
        else left({{ phone }}, 4)
    end
{%- endmacro %}

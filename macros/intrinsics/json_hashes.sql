{#
    One key of a JSON object with a list of up to three hashes, which need no escaping, in their
    order and each once; null where there is none.
#}
{% macro json_hashes(key, first, second, third='null') %}
    {{ adapter.dispatch('json_hashes')(key, first, second, third) }}
{% endmacro %}

{% macro default__json_hashes(key, first, second, third) -%}
    case
        when {{ second }} is null and {{ third }} is null
        then ',"' || {{ key }} || '":["' || {{ first }} || '"]'
        else
            ',"'
            || {{ key }}
            || '":["'
            || concat_ws(
                '","',
                {{ first }},
                case
                    when {{ second }} is distinct from {{ first }} then {{ second }}
                end,
                case
                    when
                        {{ third }} is distinct from {{ first }}
                        and {{ third }} is distinct from {{ second }}
                    then {{ third }}
                end
            )
            || '"]'
    end
{%- endmacro %}

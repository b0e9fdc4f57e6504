{# One key of a JSON object with a list of up to three hashes, sorted: the same whatever their order was. #}
{% macro json_sorted_hashes(key, first, second, third) %}
    {{ adapter.dispatch('json_sorted_hashes')(key, first, second, third) }}
{% endmacro %}

{% macro duckdb__json_sorted_hashes(key, first, second, third) -%}
    case
        when {{ second }} is null and {{ third }} is null
        then ',"' || {{ key }} || '":["' || {{ first }} || '"]'
        else
            ',"'
            || {{ key }}
            || '":["'
            || array_to_string(
                list_sort(
                    list_distinct(
                        list_filter(
                            [{{ first }}, {{ second }}, {{ third }}],
                            lambda hash:hash is not null
                        )
                    )
                ),
                '","'
            )
            || '"]'
    end
{%- endmacro %}

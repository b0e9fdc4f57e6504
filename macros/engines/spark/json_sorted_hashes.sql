{% macro spark__json_sorted_hashes(key, first, second, third) -%}
    case
        when {{ second }} is null and {{ third }} is null
        then ',"' || {{ key }} || '":["' || {{ first }} || '"]'
        else
            ',"'
            || {{ key }}
            || '":["'
            || array_join(
                sort_array(
                    array_distinct(
                        array_compact(array({{ first }}, {{ second }}, {{ third }}))
                    )
                ),
                '","'
            )
            || '"]'
    end
{%- endmacro %}

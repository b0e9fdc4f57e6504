{% macro postgres__json_hashes(key, first, second, third) -%}
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

{% macro postgres__json_sorted_hashes(key, first, second, third) -%}
    case
        when {{ second }} is null and {{ third }} is null
        then ',"' || {{ key }} || '":["' || {{ first }} || '"]'
        else
            ',"'
            || {{ key }}
            || '":["'
            || (
                select string_agg(distinct hash, '","' order by hash) collate "default"
                from
                    (
                        select {{ first }} collate "C" as hash
                        union all
                        select {{ second }}
                        union all
                        select {{ third }}
                        offset 0
                    ) as hashes
            )
            || '"]'
    end
{%- endmacro %}

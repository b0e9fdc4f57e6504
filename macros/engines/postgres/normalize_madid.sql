{% macro postgres__normalize_madid(madid) -%}
    case
        when
            {{ madid }} ~ '^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
            and {{ madid }} <> '00000000-0000-0000-0000-000000000000'
        then {{ madid }}
    end
{%- endmacro %}

{% macro postgres__normalize_city(city) -%}
    {%- set rule -%}
        case
            when {{ city }} ~ '^[a-z]*$'
            then {{ city }}
            else
                regexp_replace(
                    {{ city }}, '^[^a-z]*[0-9].*$|[^a-z0-9]+', '', 'g'
                )
        end
    {%- endset -%}
    {{ postgres__unless_hashed(city, rule) }}
{%- endmacro %}

{% macro postgres__normalize_external_id(external_id) -%}
    {%- set rule -%}
        case
            when {{ external_id }} ~ '^[!-~]+$'
            then {{ external_id }}
            else
                regexp_replace(
                    {{ external_id }},
                    '[\t\n\f\r{{ code_points('Z', 'postgres') }}]+',
                    '',
                    'g'
                )
        end
    {%- endset -%}
    {{ postgres__unless_hashed(external_id, rule) }}
{%- endmacro %}

{#
    As its text rather than as PostgreSQL's own JSON, in which a moment has a T; a
    float has a point always, as DuckDB writes it.
#}
{% macro postgres__json_value(value) -%}
    (
        select
            case
                when its_type in ('real', 'double precision', 'numeric')
                then
                    case
                        when its_text ~ '^-?[0-9]+$' and its_type <> 'numeric'
                        then its_text || '.0'
                        when its_text ~ '^-?[0-9]'
                        then its_text
                    end
                when its_json in ('number', 'boolean')
                then its_text
                when its_json = 'string' and its_type in ('json', 'jsonb')
                then nullif(its_text, '""')
                when
                    its_json = 'string'
                    and its_text ~ '[^{{ code_points("Z", "postgres") }}]'
                then {{ postgres__json_text('its_text') }}
            end
        from
            (
                select
                    cast(given_value as text) as its_text,
                    cast(pg_typeof(given_value) as text) as its_type,
                    json_typeof(to_json(given_value)) as its_json
                from (select {{ value }} as given_value offset 0) as given
                offset 0
            ) as described
    )
{%- endmacro %}

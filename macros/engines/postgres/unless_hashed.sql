{#
    A text that needs no rule is not told apart, as it is on DuckDB: rules have a short way of
    their own for plain ASCII.
#}
{% macro postgres__unless_hashed(text, rule) -%}
    nullif(
        case
            when {{ postgres__is_hash(text) }}
            then case when length({{ text }}) > 32 then lower(left({{ text }}, 64)) end
            else {{ rule }}
        end,
        ''
    )
{%- endmacro %}

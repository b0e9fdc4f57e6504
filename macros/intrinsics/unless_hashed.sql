{#
    A rule for a folded text, applied unless the text is a placeholder or a hash already:
    SHA-256 passes (Meta's parameter builder appends a dot and two or eight characters, which
    are cut), MD5 is of no use to Meta. For normalisers only: it is part of their text, no
    intrinsic of its own.
#}
{% macro duckdb__unless_hashed(text, placeholder, rule) -%}
    (
        case
            when {{ placeholder }} is not null
            then null
            when
                length({{ text }}) in (32, 64, 67, 73)
                and regexp_full_match(
                    {{ text }}, '[0-9A-Fa-f]{32}|[0-9A-Fa-f]{64}([.][0-9A-Za-z_-]+)?'
                )
            then case when length({{ text }}) > 32 then lower(left({{ text }}, 64)) end
            else {{ rule }}
        end
    )
{%- endmacro %}

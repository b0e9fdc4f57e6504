{# Whether a text is a hash already. For normalisers only. #}
{% macro duckdb__is_hash(text) -%}
    (
        strlen({{ text }}) >= 32
        and regexp_full_match(
            {{ text }},
            '[0-9A-Fa-f]{32}|[0-9A-Fa-f]{64}(?:[.](?:[0-9A-Za-z_-]{2}|[0-9A-Za-z_-]{8}))?'
        )
    )
{%- endmacro %}

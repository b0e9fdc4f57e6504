{% macro spark__is_hash(text) -%}
    (
        octet_length({{ text }}) >= 32
        and {{ text }}
        rlike r'^(?:[0-9A-Fa-f]{32}|[0-9A-Fa-f]{64}(?:[.](?:[0-9A-Za-z_-]{2}|[0-9A-Za-z_-]{8}))?)\z'
    )
{%- endmacro %}

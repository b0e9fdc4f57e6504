{#
    A digest of a value with the project's own key, as 32 hex: only who has the key can make it.
    For ids that are personal, a phone as an order's number: `{{ keyed_digest('order_no') }} as order_id`.
#}
{% macro keyed_digest(value) -%}
    {{ adapter.dispatch('keyed_digest')(clean_text('cast(' ~ value ~ ' as varchar)')) }}
{%- endmacro %}

{# The key is a variable of the session, so that no text and no view holds it. #}
{% macro duckdb__keyed_digest(text) -%}
    {%- set key -%}
        coalesce(
            cast(getvariable('tillpost_digest_key') as varchar),
            error('there is no digest_key in this session')
        )
    {%- endset -%}
    substr(
        sha256({{ key }} || chr(31) || sha256({{ key }} || chr(31) || {{ text }})),
        1,
        32
    )
{%- endmacro %}

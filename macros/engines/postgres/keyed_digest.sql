{# The key is a setting of the session; PostgreSQL fails where there is none. #}
{% macro postgres__keyed_digest(text) -%}
    {%- set key -%} current_setting('tillpost.digest_key'){%- endset -%}
    {%- set inner -%}
        encode(sha256(convert_to({{ key }} || chr(31) || {{ text }}, 'UTF8')), 'hex')
    {%- endset -%}
    substr(
        encode(sha256(convert_to({{ key }} || chr(31) || {{ inner }}, 'UTF8')), 'hex'),
        1,
        32
    )
{%- endmacro %}

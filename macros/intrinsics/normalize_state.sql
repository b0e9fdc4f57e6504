{#
    The two-letter code in the US, Canada or no country at all, else the letters a to z, never
    cut.
#}
{% macro normalize_state(state, placeholder, country, state_code) -%}
    {{ adapter.dispatch('normalize_state')(state, placeholder, country, state_code) }}
{%- endmacro %}

{% macro duckdb__normalize_state(state, placeholder, country, state_code) -%}
    {%- set rule -%}
        case when {{ state_code }} is not null and coalesce({{ country }}, 'us') in ('us', 'ca') then {{ state_code }} else nullif(regexp_replace({{ state }}, '[^a-z]+', '', 'g'), '') end
    {%- endset -%}
    {{ duckdb__unless_hashed(state, placeholder, rule) }}
{%- endmacro %}

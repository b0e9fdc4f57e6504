{#
    The two-letter code in the US, Canada or no country at all, else the letters a to z, never
    cut.
#}
{% macro normalize_state(state, country, state_code) -%}
    {{ adapter.dispatch('normalize_state')(state, country, state_code) }}
{%- endmacro %}

{% macro duckdb__normalize_state(state, country, state_code) -%}
    {%- set rule -%} regexp_replace({{ state }}, '[^a-z]+', '', 'g'){%- endset -%}
    case
        when
            {{ state_code }} is not null
            and coalesce({{ country }}, 'us') in ('us', 'ca')
        then {{ state_code }}
        else {{ duckdb__unless_hashed(state, rule, plain='[a-z]+') }}
    end
{%- endmacro %}

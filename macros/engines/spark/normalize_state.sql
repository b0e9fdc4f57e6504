{% macro spark__normalize_state(state, country, state_code) -%}
    {%- set rule -%} regexp_replace({{ state }}, r'[^a-z]+', ''){%- endset -%}
    case
        when
            {{ state_code }} is not null
            and coalesce({{ country }}, 'us') in ('us', 'ca')
        then {{ state_code }}
        else {{ spark__unless_hashed(state, rule, plain='[a-z]+') }}
    end
{%- endmacro %}

{% macro postgres__normalize_state(state, country, state_code) -%}
    {%- set rule -%} regexp_replace({{ state }}, '[^a-z]+', '', 'g'){%- endset -%}
    case
        when
            {{ state_code }} is not null
            and coalesce({{ country }}, 'us') in ('us', 'ca')
        then {{ state_code }}
        else {{ postgres__unless_hashed(state, rule) }}
    end
{%- endmacro %}

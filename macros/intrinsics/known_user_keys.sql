{# Of what user_data takes in clear beside the columns of its own, the keys that Meta knows with values that look like theirs; null where none is left. #}
{% macro known_user_keys(keys) -%}
    {{ adapter.dispatch('known_user_keys')(keys) }}
{%- endmacro %}

{% macro duckdb__known_user_keys(keys) -%}
    (
        ',' || nullif(
            array_to_string(
                regexp_extract_all({{ keys }}, '{{ user_key_pattern() }}'), ','
            ),
            ''
        )
    )
{%- endmacro %}

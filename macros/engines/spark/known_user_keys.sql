{% macro spark__known_user_keys(keys) -%}
    (
        ',' || nullif(
            array_join(
                regexp_extract_all({{ keys }}, r'{{ user_key_pattern() }}', 0), ','
            ),
            ''
        )
    )
{%- endmacro %}

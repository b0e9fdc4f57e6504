{% macro spark__json_words(text, separator) -%}
    nullif(
        to_json(
            filter(
                transform(
                    split({{ text }}, r'\Q' || {{ separator }} || r'\E'),
                    word -> {{ spark__trimmed('word') }}
                ),
                word -> word <> ''
            )
        ),
        '[]'
    )
{%- endmacro %}

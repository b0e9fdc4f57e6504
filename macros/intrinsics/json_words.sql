{# A text of words with a separator between them as a JSON array of strings; null where there is none. #}
{% macro json_words(text, separator) %}
    {{ adapter.dispatch('json_words')(text, separator) }}
{% endmacro %}

{% macro duckdb__json_words(text, separator) -%}
    nullif(
        cast(
            to_json(
                list_filter(
                    list_transform(
                        string_split({{ text }}, {{ separator }}),
                        lambda word:trim(word)
                    ),
                    lambda word:word <> ''
                )
            ) as varchar
        ),
        '[]'
    )
{%- endmacro %}

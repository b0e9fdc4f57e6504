{#
    A folded text without white space, punctuation and signs; letters of every script, marks,
    digits and pictures stay.
#}
{% macro without_punctuation(text) -%}
    {{ adapter.dispatch('without_punctuation')(text) }}
{%- endmacro %}

{% macro duckdb__without_punctuation(text) -%}
    nullif(
        nfc_normalize(
            regexp_replace({{ text }}, '[\pZ\pC\pP\p{Sc}\p{Sm}\p{Sk}]+', '', 'g')
        ),
        ''
    )
{%- endmacro %}

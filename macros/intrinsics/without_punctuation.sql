{#
    A folded text without white space, punctuation and signs; letters of every script, marks,
    digits and pictures stay.
#}
{% macro without_punctuation(text) -%}
    {{ adapter.dispatch('without_punctuation')(text) }}
{%- endmacro %}

{% macro duckdb__without_punctuation(text) -%}
    case
        when regexp_full_match({{ text }}, '[a-z0-9]*')
        then {{ text }}
        else
            nfc_normalize(
                regexp_replace({{ text }}, '[\pZ\pC\pP\p{Sc}\p{Sm}\p{Sk}]+', '', 'g')
            )
    end
{%- endmacro %}

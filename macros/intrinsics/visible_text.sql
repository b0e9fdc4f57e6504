{# A text in NFC without white space around it and invisible characters in it, its case kept. #}
{% macro visible_text(text) %}
    {{ adapter.dispatch('visible_text')(text) }}
{% endmacro %}

{% macro duckdb__visible_text(text) -%}
    nfc_normalize(
        regexp_replace(
            {{ text }},
            '^[\pZ\pC]+|[\pZ\pC]+$|[\x00-\x08\x0E-\x1F\x7F-\x9F\p{Cf}\p{Co}]+',
            '',
            'g'
        )
    )
{%- endmacro %}

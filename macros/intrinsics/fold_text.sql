{#
    A text to compare by: NFC, lowercase, no white space around it, no invisible characters in
    it; null where nothing is left. A sigma at the end of a word is the final one, as Unicode
    lowercases it.
#}
{% macro fold_text(text) %} {{ adapter.dispatch('fold_text')(text) }}{% endmacro %}

{% macro duckdb__fold_text(text) -%}
    {#- Blocks in which NFC changes nothing and all is visible: most texts have nothing else. -#}
    {%- set plain -%} !-~À-ɏЀ-ҁҊ-ԯḀ-ỿぁ-ゖァ-ヺー一-鿿가-힣{%- endset -%}
    {%- set folded = "nfc_normalize(lower(" ~ duckdb__visible_text(text) ~ "))" -%}
    case
        when
            regexp_full_match(
                {{ text }}, '[{{ plain }}](?:[ {{ plain }}]*[{{ plain }}])?'
            )
        then lower({{ text }})
        when contains(lower({{ text }}), 'σ')
        then
            regexp_replace(
                {{ folded }},
                '([\p{Greek}]\p{Mn}*)σ([^\p{Greek}\p{Mn}]|$)',
                '\1ς\2',
                'g'
            )
        else nullif({{ folded }}, '')
    end
{%- endmacro %}

{# NFC before and after lowercasing is one text in two rounds: it is a long one. #}
{% macro spark__fold_text(text) -%}
    {%- set plain -%} !-~À-ɏЀ-ҁҊ-ԯḀ-ỿぁ-ゖァ-ヺー一-鿿가-힣{%- endset -%}
    {%- set greek = code_points('Greek', 'spark') -%}
    {%- set mark = code_points('Mn', 'spark') -%}
    {%- set lowered = spark__lowered('folded') -%}
    {%- if '(' in text -%}
        transform(
            array({{ text }}), fold_given -> {{ spark__fold_text('fold_given') }}
        )[0]
    {%- else -%}
        case
            when {{ text }} rlike r'^[{{ plain }}](?:[ {{ plain }}]*[{{ plain }}])?\z'
            then {{ spark__lowered(text) }}
            else
                aggregate(
                    array(false, true),
                    {{ spark__visible_signs(text) }},
                    (folded, lowers)
                    -> {{ spark__nfc('if(lowers, ' ~ lowered ~ ', folded)') }},
                    folded -> case
                        when contains(folded, 'σ')
                        then
                            regexp_replace(
                                folded,
                                r'([{{ greek }}][{{ mark }}]*)σ([^{{ greek }}{{ mark }}]|\z)',
                                '$1ς$2'
                            )
                        else nullif(folded, '')
                    end
                )
        end
    {%- endif -%}
{%- endmacro %}

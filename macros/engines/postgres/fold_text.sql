{% macro postgres__fold_text(text) -%}
    {%- set marks = code_points('Mn', 'postgres') -%}
    {%- set greek = code_points('Greek', 'postgres') -%}
    case
        when {{ text }} ~ '^[!-~](?:[ -~]*[!-~])?$'
        then lower({{ text }} collate "C") collate "default"
        else
            (
                select
                    case
                        when strpos(folded, 'σ') > 0
                        then
                            regexp_replace(
                                folded,
                                '([{{ greek }}][{{ marks }}]*)σ([^{{ greek }}{{ marks }}]|$)',
                                '\1ς\2',
                                'g'
                            )
                        else nullif(folded, '')
                    end
                from
                    (
                        select
                            normalize(
                                {{ postgres__lowered(postgres__visible_text(text)) }}
                            ) as folded
                        offset 0
                    ) as folding
            )
    end
{%- endmacro %}

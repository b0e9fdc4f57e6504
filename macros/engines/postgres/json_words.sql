{% macro postgres__json_words(text, separator) -%}
    (
        select
            '['
            || string_agg({{ postgres__json_text('trimmed') }}, ',' order by place)
            || ']'
        from
            (
                select {{ postgres__trimmed('word') }} as trimmed, place
                from unnest(string_to_array({{ text }}, {{ separator }}))
                with ordinality as words(word, place)
                offset 0
            ) as words
        where trimmed <> ''
    )
{%- endmacro %}

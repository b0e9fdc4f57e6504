{% macro postgres__known_user_keys(keys) -%}
    (
        select string_agg(',' || found.pair[1], '' order by found.place)
        from regexp_matches({{ keys }}, '{{ user_key_pattern() }}', 'g')
        with ordinality as found(pair, place)
    )
{%- endmacro %}

{#
    PostgreSQL has no test for JSON before its version 16, and a cast would fail. So
    strings become \1 and other values \2, which JSON cannot hold, then all lists
    and objects of them, level by level.
#}
{% macro postgres__is_json(text) -%}
    {%- set escape -%} \\(?:["\\/bfnrt]|u(?:[0-9a-cA-CefEF][0-9a-fA-F]{3}|[dD][0-7][0-9a-fA-F]{2}|[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})){%- endset -%}
    {%- set number -%} (?:0|[1-9][0-9]*)(?:[.][0-9]+)?(?:[eE][+-]?[0-9]+)?{%- endset -%}
    {%- set value = '[\\u0001\\u0002]' -%}
    {%- set pair = '\\u0001:' ~ value -%}
    case
        when {{ text }} ~ '[\u0001-\u0008\u000b\u000c\u000e-\u001f]'
        then false
        when {{ text }} is not null
        then
            (
                with recursive
                    levels(its_text) as (
                        select
                            translate(
                                regexp_replace(
                                    regexp_replace(
                                        {{ text }},
                                        '"(?:[^"\\\u0001-\u001f]|{{ escape }})*"',
                                        chr(1),
                                        'g'
                                    ),
                                    '(?<![^[,: \t\n\r])(?:true|false|null|-?{{ number }})(?![^],} \t\n\r])',
                                    chr(2),
                                    'g'
                                ),
                                ' ' || chr(9) || chr(10) || chr(13),
                                ''
                            )
                        union
                        select
                            regexp_replace(
                                its_text,
                                '\[(?:{{ value }}(?:,{{ value }})*)?\]|\{(?:{{ pair }}(?:,{{ pair }})*)?\}',
                                chr(2),
                                'g'
                            )
                        from levels
                    )
                select bool_or(its_text in (chr(1), chr(2)))
                from levels
            )
    end
{%- endmacro %}

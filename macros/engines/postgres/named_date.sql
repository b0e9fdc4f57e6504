{#
    What a folded text has that holds a date with the name of its month: 1, 5 and 9
    are the day, 2, 4 and 8 the name, 3, 6 and 7 the year, two of each null; all is
    null for another text. For `month_word` and `normalize_birth_date` only.
#}
{% macro postgres__named_date(text) -%}
    {%- set space = ' \\t\\n\\f\\r\\u00a0' -%}
    {%- set day -%} ([0-9]{1,2})(?:st|nd|rd|th|er|º|ª)?{%- endset -%}
    {%- set name -%} (?:(?:of|de|del|di) |d[''’])?([^0-9{{ space }}.,/''’-]{2,}){%- endset -%}
    {%- set year -%} (?:(?:of|de|del|di) )?((?:19|20)[0-9]{2}){%- endset -%}
    {%- set signs -%} [{{ space }}.,/-]*{%- endset -%}
    regexp_match(
        {{ text }},
        '(?<![0-9])(?:'
        || '{{ day }}{{ signs }}{{ name }}{{ signs }}{{ year }}'
        || '|{{ name }}{{ signs }}{{ day }}[{{ space }}.,/-]+{{ year }}'
        || '|{{ year }}{{ signs }}{{ name }}{{ signs }}{{ day }}'
        || ')(?![0-9])'
    )
{%- endmacro %}

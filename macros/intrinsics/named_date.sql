{#
    A folded text that holds a date with the name of its month, rewritten: \1, \5 and \9 are the
    day, \2, \4 and \8 the name, \3, \6 and \7 the year, two of each empty; another text stays as
    it is. For `month_word` and `normalize_birth_date` only.
#}
{% macro duckdb__named_date(text, parts) -%}
    {%- set day -%} ([0-9]{1,2})(?:st|nd|rd|th|er|º|ª)?{%- endset -%}
    {%- set name -%} (?:(?:of|de|del|di) |d[\x27’])?([^0-9\s\x{a0}.,/\x27’-]{2,}){%- endset -%}
    {%- set year -%} (?:(?:of|de|del|di) )?((?:19|20)[0-9]{2}){%- endset -%}
    {%- set signs -%} [\s\x{a0}.,/-]*{%- endset -%}
    regexp_replace(
        {{ text }},
        '(?s)^(?:|.*?[^0-9])(?:'
        || '{{ day }}{{ signs }}{{ name }}{{ signs }}{{ year }}'
        || '|{{ name }}{{ signs }}{{ day }}[\s\x{a0}.,/-]+{{ year }}'
        || '|{{ year }}{{ signs }}{{ name }}{{ signs }}{{ day }}'
        || ')(?:[^0-9].*)?$',
        {{ parts }}
    )
{%- endmacro %}

{#
    A folded text that holds a date with the name of its month, rewritten: $1, $5 and $9 are the
    day, $2, $4 and $8 the name, $3, $6 and $7 the year, two of each empty; another text stays as
    it is. A name never gives letters back, and is looked for from its beginning only: in a long
    text that would cost too much. Java looks behind itself in halves of characters: 2 to 4.
#}
{% macro spark__named_date(text, parts) -%}
    {%- set signs -%} \t\n\f\r \u00a0.,/-{%- endset -%}
    {%- set letter -%} [^0-9\x27’{{ signs }}]{%- endset -%}
    {%- set day -%} ([0-9]{1,2})(?:st|nd|rd|th|er|º|ª)?{%- endset -%}
    {%- set name -%} (?:(?:of|de|del|di) |d[\x27’])?({{ letter }}{2,}+){%- endset -%}
    {%- set year -%} (?:(?:of|de|del|di) )?((?:19|20)[0-9]{2}){%- endset -%}
    regexp_replace(
        {{ text }},
        r'(?s)^(?:|.*?[^0-9])(?:{{ day }}[{{ signs }}]*+{{ name }}[{{ signs }}]*+{{ year }}|(?<!{{ letter }}{2,4}){{ name }}[{{ signs }}]*+{{ day }}[{{ signs }}]++{{ year }}|{{ year }}[{{ signs }}]*+{{ name }}[{{ signs }}]*+{{ day }})(?:[^0-9].*+)?\z',
        {{ parts }}
    )
{%- endmacro %}

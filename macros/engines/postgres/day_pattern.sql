{#
    The days that read_time reads, as a pattern for a text in small letters. The
    long s and the sign of the kelvin are what RE2 takes for letters of the alphabet
    where case does not count.
#}
{% macro postgres__day_pattern() -%}
    {%- set letters = '[a-z\\u017f\\u212a]*' -%}
    {%- set month = '(?:jan|feb|mar|apr|may|jun|jul|aug|[s\\u017f]ep|oct|nov|dec)' ~ letters -%}
    {%- set weekday -%} (?:(?:mon|tue|wed|thu|fri|[s\u017f]at|[s\u017f]un){{ letters }}[.,]? ?)?{%- endset -%}
    {%- set digits -%} [1-9][0-9]{3}[-/.][0-9][0-9]?[-/.][0-9][0-9]?|[0-9][0-9]?[-/.][0-9][0-9]?[-/.][1-9][0-9]{3}|[1-9][0-9]{7}{%- endset -%}
    {%- set named -%} [0-9][0-9]?[-/. ]{1,2}{{ month }}[-/., ]{1,2}[1-9][0-9]{3}|{{ month }}[-/. ]{1,2}[0-9][0-9]?[-/, ]{1,2}[1-9][0-9]{3}{%- endset -%}
    {{- weekday ~ '(?:(' ~ digits ~ ')(?:[.]0)?|(' ~ named ~ '))' -}}
{%- endmacro %}

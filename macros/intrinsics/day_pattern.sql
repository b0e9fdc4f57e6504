{# The days that read_time reads, as a pattern: in digits, or with the name of the month. #}
{% macro duckdb__day_pattern() -%}
    {%- set month = '(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*' -%}
    '(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*[.,]? ?)?(?:'
    || '([1-9]\d{3}[-/.]\d\d?[-/.]\d\d?|\d\d?[-/.]\d\d?[-/.][1-9]\d{3}|[1-9]\d{7})(?:[.]0)?|'
    || '(\d\d?[-/. ]{1,2}{{ month }}[-/., ]{1,2}[1-9]\d{3}|'
    || '{{ month }}[-/. ]{1,2}\d\d?[-/, ]{1,2}[1-9]\d{3}))'
{%- endmacro %}

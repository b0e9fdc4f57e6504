{# RE2 takes a long s for an s and the sign of kelvin for a k where case does not count. #}
{% macro spark__day_pattern() -%}
    {%- set letters -%} [a-zſ\u212a]{%- endset -%}
    {%- set month -%} (?:jan|feb|mar|apr|may|jun|jul|aug|[sſ]ep|oct|nov|dec){{ letters }}*+{%- endset -%}
    {%- set pattern -%}
        (?:(?:mon|tue|wed|thu|fri|[sſ]at|[sſ]un){{ letters }}*[.,]? ?)?(?:
        {{- '' -}}
        ([1-9][0-9]{3}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}[-/.][0-9]{1,2}[-/.][1-9][0-9]{3}|[1-9][0-9]{7})(?:[.]0)?|
        {{- '' -}}
        ([0-9]{1,2}[-/. ]{1,2}{{ month }}[-/., ]{1,2}[1-9][0-9]{3}|
        {{- '' -}}
        {{ month }}[-/. ]{1,2}[0-9]{1,2}[-/, ]{1,2}[1-9][0-9]{3}))
    {%- endset -%}
    {{ pattern }}
{%- endmacro %}

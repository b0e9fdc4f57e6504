{#
    A date with a four-digit year, anywhere in a text, as YYYYMMDD: a real day of the years 1900 to that of as_of, else null. Dots mean day first, other signs month first unless day_first; where only the swapped reading is a date, it counts.
#}
{% macro normalize_birth_date(birth_date, placeholder, as_of, day_first) -%}
    {{ adapter.dispatch('normalize_birth_date')(birth_date, placeholder, as_of, day_first) }}
{%- endmacro %}

{% macro duckdb__normalize_birth_date(birth_date, placeholder, as_of, day_first) -%}
    {%- set words -%}
        regexp_extract(regexp_replace({{ birth_date }}, '[^0-9a-z]+', ' ', 'g'), '(?:^|[^0-9])((?:19|20)[0-9]{2} [0-9]{1,2} [0-9]{1,2}|(?:[0-9]{1,2}|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*) (?:[0-9]{1,2}|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*) (?:19|20)[0-9]{2}|(?:19|20)[0-9]{2}[0-9]{4})(?:[^0-9]|$)', 1)
    {%- endset -%}
    {%- set named = "'%d %b %Y', '%b %d %Y', '%d %B %Y', '%B %d %Y'" -%}
    {%- set date -%}
        strftime(case when regexp_matches({{ words }}, '^[0-9]{4} ') then try_strptime({{ words }}, ['%Y %m %d', '%Y %d %m']) when {{ words }} not like '% %' then try_strptime({{ words }}, '%Y%m%d') when {{ day_first }} or {{ birth_date }} like '%.%.%' then try_strptime({{ words }}, ['%d %m %Y', '%m %d %Y', {{ named }}]) else try_strptime({{ words }}, ['%m %d %Y', '%d %m %Y', {{ named }}]) end, '%Y%m%d')
    {%- endset -%}
    {%- set rule -%}
        case when {{ date }} < strftime(make_timestamp(({{ as_of }}) * 1000000), '%Y1232') then {{ date }} end
    {%- endset -%}
    {{ duckdb__unless_hashed(birth_date, placeholder, rule) }}
{%- endmacro %}

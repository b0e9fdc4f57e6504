{#
    A date with a four-digit year, anywhere in a text, as YYYYMMDD: a real day of the years 1900
    to that of as_of, else null. Dots mean day first, other signs month first unless day_first;
    where only the swapped reading is a date, it counts.
#}
{% macro normalize_birth_date(birth_date, placeholder, as_of, day_first) -%}
    {{ adapter.dispatch('normalize_birth_date')(birth_date, placeholder, as_of, day_first) }}
{%- endmacro %}

{% macro duckdb__normalize_birth_date(birth_date, placeholder, as_of, day_first) -%}
    {#- ISO dates are most: they skip the search, which sees null then. -#}
    {%- set iso = "case when " ~ birth_date ~ " between '19' and '21' and " ~ birth_date ~ " like '____-__-__%' then try_cast(left(" ~ birth_date ~ ", 10) as date) end" -%}
    {%- set words -%}
        regexp_extract(regexp_replace(case when {{ iso }} is null then {{ birth_date }} end, 't[0-9]{2}:.*$|[^0-9a-z]+', ' ', 'g'), '\b(?:(?:19|20)[0-9]{2} [0-9]{1,2} [0-9]{1,2}|(?:[0-9]{1,2}|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*) (?:[0-9]{1,2}|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*) (?:19|20)[0-9]{2}|(?:19|20)[0-9]{2}[0-9]{4})\b')
    {%- endset -%}
    {%- set named = "'%d %b %Y', '%b %d %Y', '%d %B %Y', '%B %d %Y'" -%}
    {%- set date -%}
        strftime(coalesce({{ iso }}, case when regexp_matches({{ words }}, '^[0-9]{4} ') then try_strptime({{ words }}, ['%Y %m %d', '%Y %d %m']) when {{ words }} not like '% %' then try_strptime({{ words }}, '%Y%m%d') when {{ day_first }} or {{ birth_date }} like '%.%.%' then try_strptime({{ words }}, ['%d %m %Y', '%m %d %Y', {{ named }}]) else try_strptime({{ words }}, ['%m %d %Y', '%d %m %Y', {{ named }}]) end), '%Y%m%d')
    {%- endset -%}
    {%- set rule -%}
        case when {{ date }} < strftime(make_timestamp(({{ as_of }}) * 1000000), '%Y1232') then {{ date }} end
    {%- endset -%}
    {{ duckdb__unless_hashed(birth_date, placeholder, rule) }}
{%- endmacro %}

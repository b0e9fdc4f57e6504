{#
    Seven to fifteen digits that begin with a calling code, else null. Behind a plus the code is
    taken as given and a trunk prefix after it goes; digits without one must fit a calling code
    and its length.
#}
{% macro normalize_phone(phone, placeholder, calling_code, trunk_prefix, min_length, max_length) -%}
    {{ adapter.dispatch('normalize_phone')(
        phone, placeholder, calling_code, trunk_prefix, min_length, max_length
    ) }}
{%- endmacro %}

{% macro duckdb__normalize_phone(phone, placeholder, calling_code, trunk_prefix, min_length, max_length) -%}
    {%- set behind_code = 'substr(' ~ phone ~ ', length(' ~ calling_code ~ ') + 2)' -%}
    {%- set national = duckdb__national_digits(behind_code, trunk_prefix, 'true', max_length) -%}
    {%- set rule -%}
        nullif(regexp_extract(case when starts_with({{ phone }}, '+' || {{ calling_code }}) then {{ calling_code }} || {{ national }} when starts_with({{ phone }}, '+') then substr({{ phone }}, 2) when length({{ phone }}) - length({{ calling_code }}) between {{ min_length }} and {{ max_length }} then {{ phone }} end, '^[1-9][0-9]{6,14}$'), '')
    {%- endset -%}
    {{ duckdb__unless_hashed(phone, placeholder, rule) }}
{%- endmacro %}

{#
    The digits of a phone with a plus where the calling code is known to be in front: it was
    written so, or the number fits its country. More than ten digits that begin with the
    country's calling code, and fit behind it, have it already.
#}
{% macro add_calling_code(
    phone, national, calling_code, international_prefix, min_length, max_length
) -%}
    {{ adapter.dispatch('add_calling_code')(
        phone, national, calling_code, international_prefix, min_length, max_length
    ) }}
{%- endmacro %}

{% macro duckdb__add_calling_code(
    phone, national, calling_code, international_prefix, min_length, max_length
) -%}
    {%- set rule -%}
        case when starts_with({{ phone }}, '+') then '+' || ltrim({{ phone }}, '+0') when starts_with({{ phone }}, coalesce({{ international_prefix }}, '011')) then '+' || ltrim(substr({{ phone }}, length(coalesce({{ international_prefix }}, '011')) + 1), '0') when starts_with({{ phone }}, '00') then '+' || ltrim({{ phone }}, '0') when starts_with({{ phone }}, {{ calling_code }}) and length({{ phone }}) > 10 and length({{ phone }}) - length({{ calling_code }}) between {{ min_length }} and {{ max_length }} then '+' || {{ phone }} when length({{ national }}) between {{ min_length }} and {{ max_length }} then '+' || {{ calling_code }} || {{ national }} else {{ phone }} end
    {%- endset -%}
    {{ duckdb__unless_hashed(phone, 'null', rule) }}
{%- endmacro %}

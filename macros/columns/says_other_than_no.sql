{# Whether a column says anything but a clear no: false, f, no, n or 0, in any case, or nothing. #}
{% macro says_other_than_no(column) -%}
    coalesce(
        {{ lowered(clean_text('cast(' ~ column ~ ' as varchar)')) }}
        not in ('false', 'f', 'no', 'n', '0'),
        false
    )
{%- endmacro %}

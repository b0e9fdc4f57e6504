{# Whether a column clearly says yes: true, t, yes, y or 1, in any case. #}
{% macro says_yes(column) -%}
    coalesce(
        {{ lowered(clean_text('cast(' ~ column ~ ' as varchar)')) }}
        in ('true', 't', 'yes', 'y', '1'),
        false
    )
{%- endmacro %}

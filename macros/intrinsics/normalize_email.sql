{# An address with a dotted domain, else null; dots and +tags stay. #}
{% macro normalize_email(email) -%}
    {{ adapter.dispatch('normalize_email')(email) }}
{%- endmacro %}

{% macro duckdb__normalize_email(email) -%}
    {%- set outside -%} \s\pZ@,;:<>()\[\]\\"{%- endset -%}
    {%- set address -%}
        [^.{{ outside }}][^{{ outside }}]*@[^.{{ outside }}]+(?:[.][^.{{ outside }}]+)+
    {%- endset -%}
    case
        when regexp_full_match({{ email }}, '{{ address }}')
        then {{ email }}
        else {{ duckdb__unless_hashed(email, 'null') }}
    end
{%- endmacro %}

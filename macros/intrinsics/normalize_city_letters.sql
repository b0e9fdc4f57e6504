{#
    The second of the two forms of a city that Meta documents: letters of every script. None where
    the first is absent for a digit in front, or where both are the same.
#}
{% macro normalize_city_letters(city) -%}
    {{ adapter.dispatch('normalize_city_letters')(city) }}
{%- endmacro %}

{% macro duckdb__normalize_city_letters(city) -%}
    case
        when
            regexp_full_match({{ city }}, '(?s)[!-/:-~ ]*|[^a-z]*[0-9].*')
            or {{ duckdb__is_hash(city) }}
        then null
        {#- A digit, or a letter that is none of a to z, is in one of the forms only. #}
        when regexp_matches({{ city }}, '[0-9]|[^\P{L}a-z]|\p{M}')
        then regexp_replace({{ city }}, '[^\p{L}\p{M}]+', '', 'g')
    end
{%- endmacro %}

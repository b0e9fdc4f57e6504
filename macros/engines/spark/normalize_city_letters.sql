{% macro spark__normalize_city_letters(city) -%}
    {%- set letter = code_points('L M', 'spark') -%}
    case
        when
            {{ city }} rlike r'(?s)^(?:[!-/:-~ ]*|[^a-z]*[0-9].*)\z'
            or {{ spark__is_hash(city) }}
        then null
        {#- A digit, or a letter that is none of a to z, is in one of the forms only. #}
        when {{ city }} rlike r'(?![a-z])[0-9{{ letter }}]'
        then regexp_replace({{ city }}, r'[^{{ letter }}]+', '')
    end
{%- endmacro %}

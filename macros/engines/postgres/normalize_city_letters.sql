{% macro postgres__normalize_city_letters(city) -%}
    {%- set letters = code_points('L M', 'postgres') -%}
    case
        when
            {{ city }} ~ '^(?:[!-/:-~ ]*|[^a-z]*[0-9].*)$'
            or {{ postgres__is_hash(city) }}
        then null
        {#- A digit, or a letter that is none of a to z, is in one of the forms only. #}
        when octet_length({{ city }}) = length({{ city }})
        then
            case
                when {{ city }} ~ '[0-9A-Z]'
                then regexp_replace({{ city }}, '[^A-Za-z]+', '', 'g')
            end
        when {{ city }} ~ '[0-9]|(?![a-z])[{{ letters }}]'
        then regexp_replace({{ city }}, '[^{{ letters }}]+', '', 'g')
    end
{%- endmacro %}

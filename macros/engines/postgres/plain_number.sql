{#- Digits, points and commas as a number with a point; null where that is no number or two. -#}
{% macro _with_a_point_in_postgres(amount) -%}
    case
        when {{ amount }} ~ '^([0-9]+[.]?|[0-9]*[.][0-9]{1,9})$'
        then {{ amount }}
        when {{ amount }} ~ '^([0-9]*[.])?[0-9]+([.]|[eE][+-]?[0-9]{1,2})?$'
        then
            rtrim(
                rtrim(cast({{ postgres__decimal_of(amount, 38, 6) }} as text), '0'), '.'
            )
        when
            {{ amount }}
            ~ '^([0-9]*,([0-9][0-9]?|[0-9]{4,})|([0-9]{4,}|0),[0-9]+|[0-9]{1,3}([.][0-9]{3})+,[0-9]+)$'
        then translate({{ amount }}, ',.', '.')
        when
            {{ amount }}
            ~ '^([0-9]{1,3}(,[0-9]{2,3})*,[0-9]{3}[.][0-9]+|[0-9]{1,3}(,[0-9]{3}){2,})$'
        then translate({{ amount }}, ',', '')
        when {{ amount }} ~ '^[0-9]{1,3}([.][0-9]{3}){2,}$'
        then translate({{ amount }}, '.', '')
    end
{%- endmacro %}

{% macro postgres__plain_number(text) -%}
    {%- set spaces = '\\t\\n\\f\\r' ~ code_points('Z', 'postgres') -%}
    {%- set space = '[' ~ spaces ~ ']*' -%}
    {%- set currency = '(?:[A-Z]{3}|[A-Z]{0,3}[' ~ code_points('Sc', 'postgres') ~ '])?' -%}
    case
        when {{ text }} ~ '^-?[0-9]+([.][0-9]{1,9})?$'
        then {{ text }}
        when {{ text }} ~ '^-?[0-9]+,[0-9][0-9]?$'
        then translate({{ text }}, ',', '.')
        when {{ text }} !~ '[0-9]'
        then {{ text }}
        else
            coalesce(
                (
                    select
                        case
                            when parts[1] || parts[2] || parts[4] in ('', '+')
                            then ''
                            when
                                parts[1] || parts[2] || parts[4]
                                in ('-', '−', '–', '()')
                            then '-'
                        end
                        || {{ _with_a_point_in_postgres('amount') }}
                    from
                        (
                            select
                                regexp_match(
                                    {{ text }},
                                    '^{{ space }}([(+−–-]?){{ space }}{{ currency }}{{ space }}([+−–-]?){{ space }}([0-9]{1,3}(?:[''’{{ spaces }}][0-9]{3})+(?:[.,][0-9]+)?|[0-9.,]+(?:[eE][+-]?[0-9]+)?){{ space }}{{ currency }}{{ space }}([)+−–-]?){{ space }}$'
                                ) as parts
                            offset 0
                        ) as matched
                    cross join
                        lateral
                        (
                            select
                                regexp_replace(
                                    parts[3], '[''’{{ spaces }}]', '', 'g'
                                ) as amount
                            offset 0
                        ) as cleaned
                ),
                {{ text }}
            )
    end
{%- endmacro %}

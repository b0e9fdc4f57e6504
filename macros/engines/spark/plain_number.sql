{#- Digits, points and commas as a number with a point; null where that is no number or two. -#}
{% macro _spark_with_a_point(amount) -%}
    case
        when {{ amount }} rlike r'^(?:[0-9]++[.]?|[0-9]*+[.][0-9]{1,9})\z'
        then {{ amount }}
        when {{ amount }} rlike r'^(?:[0-9]*[.])?[0-9]++(?:[.]|[eE][+-]?[0-9]{1,2})?\z'
        then
            rtrim(
                '.', rtrim('0', cast({{ spark__decimal_of(amount, 38, 6) }} as string))
            )
        when
            {{ amount }}
            rlike r'^(?:[0-9]*+,(?:[0-9]{1,2}|[0-9]{4,})|(?:[0-9]{4,}|0),[0-9]++|[0-9]{1,3}(?:[.][0-9]{3})++,[0-9]++)\z'
        then translate({{ amount }}, ',.', '.')
        when
            {{ amount }}
            rlike r'^(?:[0-9]{1,3}(?:,[0-9]{2,3}(?=,))*+,[0-9]{3}[.][0-9]++|[0-9]{1,3}(?:,[0-9]{3}){2,}+)\z'
        then translate({{ amount }}, ',', '')
        when {{ amount }} rlike r'^[0-9]{1,3}(?:[.][0-9]{3}){2,}+\z'
        then translate({{ amount }}, '.', '')
    end
{%- endmacro %}

{% macro spark__plain_number(text) -%}
    {%- set currency -%} (?:[A-Z]{3}|[A-Z]{0,3}[{{ code_points('Sc', 'spark') }}])?{%- endset -%}
    {%- set white -%} \t\n\f\r{{ code_points('Z', 'spark') }}{%- endset -%}
    {%- set space -%} [{{ white }}]*+{%- endset -%}
    {%- set pattern -%}
        ^{{ space }}([(+−–-]?){{ space }}{{ currency }}{{ space }}([+−–-]?){{ space }}
        {{- '' -}}
        ([0-9]{1,3}(?:[\x27’{{ white }}][0-9]{3})++(?:[.,][0-9]++)?|[0-9.,]++(?:[eE][+-]?[0-9]++)?)
        {{- '' -}}
        {{ space }}{{ currency }}{{ space }}([)+−–-]?){{ space }}\z
    {%- endset -%}
    case
        when {{ text }} rlike r'^-?[0-9]++(?:[.][0-9]{1,9})?\z'
        then {{ text }}
        when {{ text }} rlike r'^-?[0-9]++,[0-9]{1,2}\z'
        then translate({{ text }}, ',', '.')
        when {{ text }} rlike r'{{ pattern }}'
        then
            coalesce(
                case
                    when
                        regexp_replace({{ text }}, r'{{ pattern }}', '$1$2$4')
                        in ('', '+')
                    then ''
                    when
                        regexp_replace({{ text }}, r'{{ pattern }}', '$1$2$4')
                        in ('-', '−', '–', '()')
                    then '-'
                end || transform(
                    array(
                        regexp_replace(
                            regexp_replace({{ text }}, r'{{ pattern }}', '$3'),
                            r'[\x27’{{ white }}]',
                            ''
                        )
                    ),
                    its_amount -> {{ _spark_with_a_point('its_amount') }}
                )[0],
                {{ text }}
            )
        else {{ text }}
    end
{%- endmacro %}

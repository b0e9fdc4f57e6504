{#- A double as JavaScript writes it: with an exponent below 0.00001 and from 1e21 on only. -#}
{% macro _spark_double_text(value) -%}
    case
        when cast({{ value }} as string) not like '%E%'
        then cast({{ value }} as string)
        when abs({{ value }}) >= 1e-6d and abs({{ value }}) < 1e21d
        then
            regexp_replace(
                cast(
                    if(
                        abs({{ value }}) < 1,
                        cast(
                            try_cast(
                                cast({{ value }} as string) as decimal(38, 25)
                            ) as string
                        ),
                        cast(
                            try_cast(
                                cast({{ value }} as string) as decimal(38, 16)
                            ) as string
                        )
                    ) as string
                ),
                '(?<![.])0+$',
                ''
            )
        else replace(replace(cast({{ value }} as string), '.0E', 'e'), 'E', 'e')
    end
{%- endmacro %}

{% macro spark__json_value(value) -%}
    {%- set white -%} \t\n\f\r{{ code_points('Z', 'spark') }}{%- endset -%}
    {%- set value = 'cast(null as string)' if value | lower == 'null' else value -%}
    {#- Which type it is is known before the first row. -#}
    nullif(
        regexp_extract(
            case
                when typeof({{ value }}) in ('double', 'float')
                then
                    {{ _spark_double_text("try_variant_get(to_variant_object(array(" ~ value ~ ")), '$[0]', 'double')") }}
                when
                    typeof({{ value }})
                    in ('tinyint', 'smallint', 'int', 'bigint', 'boolean')
                    or typeof({{ value }}) like 'decimal%'
                then cast({{ value }} as string)
                when not typeof({{ value }}) rlike '^(array|map|struct|variant)'
                then {{ spark__json_text("cast(" ~ value ~ " as string)") }}
            end,
            r'^(?:true|false|-?[0-9][^\n]*+|"[{{ white }}]*+[^{{ white }}"][^\n]*+)\z',
            0
        ),
        ''
    )
{%- endmacro %}

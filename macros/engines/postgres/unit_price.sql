{# In binary, as DuckDB divides: of decimals other prices would be halves. #}
{% macro postgres__unit_price(total, quantity, places) -%}
    (
        select
            case
                when abs(rounded_price) < 1e12
                then
                    cast(
                        cast(
                            cast(
                                {{ _whole_in_binary('rounded_price * 1e6') }} as bigint
                            ) as numeric
                        )
                        / 1000000 as numeric(18, 6)
                    )
            end
        from
            (
                select
                    power(
                        cast(10 as float8), cast({{ places }} as integer)
                    ) as power_of_ten,
                    {{ _as_double(total) }}
                    / {{ _as_double('nullif(' ~ quantity ~ ', 0)') }} as price
                offset 0
            ) as divided
        cross join
            lateral
            (
                select
                    {{ _whole_in_binary('price * power_of_ten') }}
                    / power_of_ten as rounded_price
                offset 0
            ) as turned
    )
{%- endmacro %}

{#- Halves away from zero: PostgreSQL rounds a double to the even one. -#}
{% macro _whole_in_binary(number) -%}
    (
        trunc({{ number }}) + case
            when abs({{ number }} - trunc({{ number }})) >= 0.5
            then sign({{ number }})
            else 0
        end
    )
{%- endmacro %}

{#- DuckDB casts a decimal in two parts where its digits are more than a double has. -#}
{% macro _as_double(number) -%}
    case
        when abs({{ number }}) < 9007199254
        then cast({{ number }} as float8)
        else
            cast(trunc({{ number }}) as float8)
            + cast({{ number }} - trunc({{ number }}) as float8)
    end
{%- endmacro %}

{#
    A text is first written as Spark reads it, since DuckDB reads more: any white space, parts
    left out, and any offset or name behind, of which it takes no notice. Years that have not
    four digits, of no use here, are null. Which type a column has is known before the first row.
-#}
{% macro spark__day_of(column) -%}
    {%- set space -%} [\t-\r ]*+{%- endset -%}
    {%- set clock -%}
        0{0,7}([0-9]{1,2}):(?:([0-9]{1,2})(?::(?:([0-9]{1,2})(?:[.]([0-9]*+))?)?)?)?
    {%- endset -%}
    {%- set zone -%}
        Z|[+-][0-9]{2}(?:[0-9]{2}|:[0-9]{2}(?::[0-9]{2})?)?| [+/0-9:A-Z_a-z-]*+
    {%- endset -%}
    {%- set pattern -%}
        ^{{ space }}0*([0-9]{4})([-/ \\])([0-9]{1,2})\2([0-9]{1,2})(?:[T\t-\r ]{{ space }}{{ clock }}(?:(?:{{ zone }}){{ space }})?)?\z
    {%- endset -%}
    {%- set text = "cast(" ~ column ~ " as string)" -%}
    {%- set written -%}
        regexp_replace(
            regexp_replace({{ text }}, r'{{ pattern }}', '$1-$3-$4 00$5:00$6:00$7.$80'),
            '([ :])0{1,2}([0-9]{2})',
            '$1$2'
        )
    {%- endset -%}
    case
        when typeof({{ column }}) in ('timestamp', 'timestamp_ntz', 'date')
        then try_cast({{ column }} as timestamp)
        when typeof({{ column }}) = 'string' and {{ text }} rlike r'{{ pattern }}'
        then
            try_cast(
                regexp_replace(
                    {{ written }}, ' 24:00:00([.]0*)$', ' 00:00:00$1'
                ) as timestamp
            ) + if(
                {{ written }} rlike ' 24:00:00[.]0*$',
                interval '1' day,
                interval '0' day
            )
    end
{%- endmacro %}

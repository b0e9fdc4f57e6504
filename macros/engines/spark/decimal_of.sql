{#
    A text as a decimal, or null: what DuckDB reads as one, underscores between digits and a
    point behind an exponent too; before an exponent stand no more digits than the type has.
#}
{% macro spark__decimal_of(text, precision, scale) -%}
    {%- set digits -%} [0-9]++(?:_[0-9]++)*+{%- endset -%}
    {%- set space -%} [\t-\r ]*+{%- endset -%}
    case
        when
            {{ text }}
            rlike r'^{{ space }}[+-]?(?![0_]*[1-9](?:_?[0-9]){% raw %}{{% endraw %}{{ precision - scale }}})(?:{{ digits }}(?:[.](?:{{ digits }})?)?|[.]{{ digits }})(?:[eE][+-]?(?![0_]*[1-9](?:_?[0-9]){4}){{ digits }}[.]?)?{{ space }}\z'
        then
            try_cast(
                regexp_replace({{ text }}, r'_|[.]?[\t-\r ]*\z', '') as decimal(
                    {{ precision }}, {{ scale }}
                )
            )
    end
{%- endmacro %}

{#
    The day of a raw column of any type, or null; reads typed columns without touching them, so that
    files can be skipped. A text that says epoch is no day.
#}
{% macro day_of(column) %} {{ adapter.dispatch('day_of')(column) }}{% endmacro %}

{% macro duckdb__day_of(column) -%}
    case
        when typeof({{ column }}) = 'VARCHAR'
        then
            try_cast(
                nullif(trim(lower(cast({{ column }} as varchar))), 'epoch') as timestamp
            )
        else try_cast({{ column }} as timestamp)
    end
{%- endmacro %}

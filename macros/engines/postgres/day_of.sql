{#
    By its text, since PostgreSQL has no cast that fits each type and none that may
    fail.
#}
{% macro postgres__day_of(column) -%}
    (
        select {{ postgres__timestamp_of('its_text') }}
        from (select cast({{ column }} as text) as its_text offset 0) as given
    )
{%- endmacro %}

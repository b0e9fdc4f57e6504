{% macro spark__is_date_only(text) -%}
    {%- set space -%} [\t\n\f\r{{ code_points('Z', 'spark') }}]*+{%- endset -%}
    (
        {{ text }} not like '%:%'
        and {{ text }} rlike r'(?i)^{{ space }}{{ spark__day_pattern() }}{{ space }}\z'
    )
{%- endmacro %}

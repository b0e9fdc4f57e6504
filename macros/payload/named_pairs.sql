{#
    Named values of any type as pairs of a JSON object, null where no value is. A name that Meta
    does not know in this place, that has a column of its own, or that JSON would need to quote,
    is an error.
#}
{% macro named_pairs(place, values, known=[], taken=[]) -%}
    {%- set pairs = ["''"] -%}
    {%- for name, value in values.items() -%}
        {%- if known and name not in known -%}
            {{ exceptions.raise_compiler_error(place ~ ' has no "' ~ name ~ '"; it has: ' ~ known | join(', ')) }}
        {%- elif name in taken -%}
            {{ exceptions.raise_compiler_error('"' ~ name ~ '" is a parameter of Meta: map it to its own column, not to ' ~ place) }}
        {%- elif not name or name.replace('_', '').replace('-', '').replace(' ', 'x').isalnum() is false -%}
            {{ exceptions.raise_compiler_error('"' ~ name ~ '" is no name for ' ~ place ~ ': letters, digits, spaces, _ and - only') }}
        {%- endif -%}
        {#- extinfo is an array already -#}
        {%- do pairs.append(json_pair("'" ~ name ~ "'", value if place == 'app_data' and name == 'extinfo' else json_value(value))) -%}
    {%- endfor -%}
    nullif({{ json_pairs(*pairs) }}, '')
{%- endmacro %}

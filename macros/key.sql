{# A key that a source declares in its meta, as one text in which '/' parts its columns; null where it declares none or a part is empty. #}
{% macro key(source, name) -%}
    {%- set parts = [] -%}
    {%- if execute -%}
        {%- for column in graph.sources['source.' ~ project_name ~ '.' ~ source].meta.get(name, []) -%}
            {%- do parts.append(key_part("nullif(cast(" ~ column ~ " as varchar), '')")) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ parts | join(" || '/' || ") if parts else 'cast(null as varchar)' }}
{%- endmacro %}

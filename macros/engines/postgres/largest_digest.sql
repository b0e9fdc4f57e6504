{# PostgreSQL 15 has no max(uuid). #}
{% macro postgres__largest_digest(digest) -%}
    cast(max(cast({{ digest }} as varchar) collate "C") as uuid)
{%- endmacro %}

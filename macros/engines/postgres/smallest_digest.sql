{# PostgreSQL 15 has no min(uuid). #}
{% macro postgres__smallest_digest(digest) -%}
    cast(min(cast({{ digest }} as varchar) collate "C") as uuid)
{%- endmacro %}

{% macro spark__largest_digest(digest) -%} max({{ digest }}) {%- endmacro %}

{% macro spark__smallest_digest(digest) -%} min({{ digest }}) {%- endmacro %}

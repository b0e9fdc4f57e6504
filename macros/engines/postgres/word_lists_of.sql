{% macro postgres__word_lists_of(words) -%} string_agg({{ words }}, ',') {%- endmacro %}

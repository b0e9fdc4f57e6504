{% macro spark__word_lists_of(words) -%} listagg({{ words }}, ',') {%- endmacro %}

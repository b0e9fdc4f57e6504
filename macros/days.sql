{# Days as seconds. #}
{% macro days(number) -%} ({{ number }} * 86400) {%- endmacro %}

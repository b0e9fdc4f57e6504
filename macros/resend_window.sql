{# How long after a first attempt Meta still deduplicates, with a margin: 6 days and 12 hours, in seconds. #}
{% macro resend_window() -%} (6 * 86400 + 12 * 3600) {%- endmacro %}

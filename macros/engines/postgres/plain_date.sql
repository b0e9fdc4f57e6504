{#
    The days that need no calendar, all but 29 February, as a pattern: PostgreSQL
    can cast them.
#}
{% macro postgres__plain_date() -%}
    {%- set day -%} (?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]){%- endset -%}
    {{- '[1-9][0-9]{3}-(?:' ~ day ~ ')' -}}
{%- endmacro %}

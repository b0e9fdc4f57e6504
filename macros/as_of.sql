{# The clock of the run, in epoch seconds: every window is measured from it, never from now(). #}
{% macro as_of() -%}
    {{ read_time("'" ~ var('as_of', run_started_at.isoformat()) ~ "'", "'UTC'") }}
{%- endmacro %}

{# The event that this one adds to: `original_event_data(event_name="'Lead'", event_time=read_time('lead_at', "'UTC'"))`. #}
{% macro original_event_data() -%}
    {{ named_object('original_event_data', kwargs, ['event_name', 'event_time', 'event_id', 'order_id']) }}
{%- endmacro %}

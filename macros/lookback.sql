{# How many days back a source is read: its meta.lookback, else the project's. #}
{% macro lookback(source) -%}
    {{ graph.sources['source.' ~ project_name ~ '.' ~ source].meta.get('lookback', var('lookback')) if execute else var('lookback') }}
{%- endmacro %}

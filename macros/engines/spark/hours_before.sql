{# Spark's plain timestamp is a moment, as is what `day_of` gives: Parquet files are skipped by it. #}
{% macro spark__hours_before(epoch_seconds, hours) -%}
    timestamp_seconds({{ epoch_seconds }} - cast(({{ hours }}) * 3600 as bigint))
{%- endmacro %}

{# A moment as epoch seconds, or null: ISO text, in the zone given where it names none; epoch seconds, milliseconds, microseconds. #}
{% macro read_time(text, zone) %}{{ adapter.dispatch('read_time')(text, zone) }}{% endmacro %}

{% macro duckdb__read_time(text, zone) -%}
case when regexp_full_match({{ text }}, '\s*\d{4}[-/]\d.*') then case when regexp_matches({{ text }}, ':\d\d(\.\d+)?\s*(Z|z|UTC|[+-]\d\d(:?\d\d)?)\s*$') then epoch_us(try_cast(replace({{ text }}, '/', '-') as timestamptz)) else epoch_us(timezone({{ zone }}, try_cast(replace({{ text }}, '/', '-') as timestamp))) end // 1000000 when regexp_full_match({{ text }}, '\s*\d{9,10}\s*') then try_cast({{ text }} as bigint) when regexp_full_match({{ text }}, '\s*\d{12,13}\s*') then try_cast({{ text }} as bigint) // 1000 when regexp_full_match({{ text }}, '\s*\d{15,16}\s*') then try_cast({{ text }} as bigint) // 1000000 end
{%- endmacro %}

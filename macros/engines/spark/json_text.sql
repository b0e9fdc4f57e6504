{# Spark writes lists as JSON, and no single text: it is taken out of a list again. #}
{% macro spark__json_text(text) -%}
    case
        when {{ text }} is not null
        then regexp_replace(to_json(array({{ text }})), r'^\[|\]\z', '')
    end
{%- endmacro %}

{% macro spark__visible_text(text) -%}
    case
        when {{ text }} rlike r'^[!-~](?:[ -~]*[!-~])?\z'
        then {{ text }}
        else {{ spark__nfc(spark__visible_signs(text)) }}
    end
{%- endmacro %}

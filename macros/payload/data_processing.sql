{# Meta's data processing options as pairs of a JSON object; null where the three are none that it takes. #}
{% macro data_processing(options, country, state) -%}
    case
        when
            {{ options }} in ('ldu', '["ldu"]')
            and {{ country }} in ('0', '1')
            and {{ state }} in (
                '0'
                {%- for number in range(1000, 1014) -%}
                    {{ ", '" ~ number ~ "'" }}
                {%- endfor -%}
            )
        then
            {{ json_pairs(
                json_pair("'data_processing_options'", "'[\"LDU\"]'"),
                json_pair("'data_processing_options_country'", country),
                json_pair("'data_processing_options_state'", state),
            ) }}
    end
{%- endmacro %}

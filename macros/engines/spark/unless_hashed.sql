{% macro spark__unless_hashed(text, rule, plain=none) -%}
    nullif(
        case
            {% if plain -%}
                when
                    octet_length({{ text }}) < 32
                    and {{ text }} rlike r'^(?:{{ plain }})\z'
                then {{ text }}
            {%- endif %}
            when {{ spark__is_hash(text) }}
            then
                case
                    when octet_length({{ text }}) > 32 then lower(left({{ text }}, 64))
                end
            else {{ rule }}
        end,
        ''
    )
{%- endmacro %}

{% macro postgres__visible_text(text) -%}
    {%- set around -%} [{{ code_points('Z C', 'postgres') }}]+{%- endset -%}
    {%- set invisible -%} [\u0001-\u0008\u000E-\u001F\u007F-\u009F{{ code_points('Cf Co', 'postgres') }}]+{%- endset -%}
    case
        when {{ text }} ~ '^[!-~](?:[ -~]*[!-~])?$'
        then {{ text }}
        else
            normalize(
                regexp_replace(
                    {{ text }}, '^{{ around }}|{{ around }}$|{{ invisible }}', '', 'g'
                )
            )
    end
{%- endmacro %}

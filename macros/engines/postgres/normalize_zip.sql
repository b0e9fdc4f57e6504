{% macro postgres__normalize_zip(zip, country) -%}
    {%- set white -%} \t\n\f\r{{ code_points('Z', 'postgres') }}{%- endset -%}
    {%- set dash -%} {{ code_points('Pd', 'postgres') }}\u2212{%- endset -%}
    {%- set head -%}
        regexp_replace({{ zip }}, '[{{ white }}]+|[{{ dash }}].*$', '', 'g')
    {%- endset -%}
    {%- set rule -%}
        case
            when {{ zip }} ~ '^[0-9a-z]{2,5}$'
            then {{ zip }}
            else
                substring(
                    case
                        when {{ country }} = 'us'
                        then regexp_replace({{ head }}, '^[^0-9]*([0-9]{5}).*$', '\1')
                        else {{ head }}
                    end
                    from '^..+$'
                )
        end
    {%- endset -%}
    {{ postgres__unless_hashed(zip, rule) }}
{%- endmacro %}

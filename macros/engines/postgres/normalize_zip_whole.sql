{% macro postgres__normalize_zip_whole(zip, country) -%}
    {%- set white -%} \t\n\f\r{{ code_points('Z', 'postgres') }}{%- endset -%}
    {%- set dash -%} {{ code_points('Pd', 'postgres') }}\u2212{%- endset -%}
    {%- set sign -%} [^{{ white }}{{ dash }}]{%- endset -%}
    case
        when
            (strpos({{ zip }}, '-') > 0 or octet_length({{ zip }}) > length({{ zip }}))
            and coalesce({{ country }}, '') <> 'us'
            and not {{ postgres__is_hash(zip) }}
            {#- Two characters before the first dash, and one behind it. #}
            and {{ zip }}
            ~ '^[{{ white }}]*{{ sign }}[{{ white }}]*{{ sign }}[^{{ dash }}]*[{{ dash }}].*{{ sign }}'
        then regexp_replace({{ zip }}, '[{{ white }}{{ dash }}]+', '', 'g')
    end
{%- endmacro %}

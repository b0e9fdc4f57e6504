{% macro spark__normalize_zip_whole(zip, country) -%}
    {%- set white = spark__white_space() -%}
    {%- set dash -%} {{ code_points('Pd', 'spark') }}\x{2212}{%- endset -%}
    {%- set sign -%} [^{{ white }}{{ dash }}]{%- endset -%}
    case
        when
            (
                contains({{ zip }}, '-')
                or octet_length({{ zip }}) > char_length({{ zip }})
            )
            and coalesce({{ country }}, '') <> 'us'
            and not {{ spark__is_hash(zip) }}
            {#- Two characters before the first dash, and one behind it. #}
            and {{ zip }}
            rlike r'(?s)^[{{ white }}]*+{{ sign }}[{{ white }}]*+{{ sign }}[^{{ dash }}]*+[{{ dash }}].*{{ sign }}'
        then regexp_replace({{ zip }}, r'[{{ white }}{{ dash }}]+', '')
    end
{%- endmacro %}

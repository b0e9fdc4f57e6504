{% macro postgres__normalize_email(email) -%}
    {%- set outside -%} \t\n\f\r{{ code_points('Z', 'postgres') }}@,;:<>()\[\]\\"{%- endset -%}
    {%- set address -%}
        [^.{{ outside }}][^{{ outside }}]*@[^.{{ outside }}]+(?:[.][^.{{ outside }}]+)+
    {%- endset -%}
    case
        when {{ email }} ~ '^{{ address }}$'
        then {{ email }}
        else {{ postgres__unless_hashed(email, 'null') }}
    end
{%- endmacro %}

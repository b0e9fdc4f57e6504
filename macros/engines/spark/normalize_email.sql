{% macro spark__normalize_email(email) -%}
    {%- set outside -%} {{ spark__white_space() }}@,;:<>()\[\]\\"{%- endset -%}
    {%- set address -%}
        [^.{{ outside }}][^{{ outside }}]*+@[^.{{ outside }}]++(?:[.][^.{{ outside }}]++)++
    {%- endset -%}
    case
        when {{ email }} rlike r'^{{ address }}\z'
        then {{ email }}
        else {{ spark__unless_hashed(email, 'null') }}
    end
{%- endmacro %}

{% macro spark__problem_of_gender(gender, normalized) -%}
    case
        when {{ gender }} is not null and {{ normalized }} is null
        then case when {{ spark__is_md5(gender) }} then 'gen_md5' else 'gen_unknown' end
    end
{%- endmacro %}

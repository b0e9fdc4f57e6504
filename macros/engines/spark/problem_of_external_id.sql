{% macro spark__problem_of_external_id(external_id, normalized) -%}
    case
        when {{ external_id }} is not null and {{ normalized }} is null
        then 'external_id_md5'
    end
{%- endmacro %}

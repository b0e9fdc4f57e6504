{# An id of the advertiser's own to compare by; the project says whether its case counts. #}
{% macro fold_id(id) -%}
    {{ visible_text(id) if var('external_id_keeps_case', false) else fold_text(id) }}
{%- endmacro %}

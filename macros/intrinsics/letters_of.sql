{#
    The letters of a folded text with their marks: what the words of `countries` and `states`
    are compared by.
#}
{% macro letters_of(text) %} {{ adapter.dispatch('letters_of')(text) }}{% endmacro %}

{% macro duckdb__letters_of(text) -%}
    case
        when regexp_full_match({{ text }}, '[a-z]*')
        then {{ text }}
        else regexp_replace({{ text }}, '[^\p{Ll}\p{Lo}\p{Mn}\p{Mc}]+', '', 'g')
    end
{%- endmacro %}

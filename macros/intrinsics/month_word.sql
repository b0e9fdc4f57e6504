{#
    The word that stands where the month does in a folded date, as in 26 May 1991, May 26, 1991
    or 1991-May-26; another text stays as it is. What the words of `months` are compared by.
#}
{% macro month_word(birth_date) -%}
    {{ adapter.dispatch('month_word')(birth_date) }}
{%- endmacro %}

{% macro duckdb__month_word(birth_date) -%}
    case
        when not regexp_full_match({{ birth_date }}, '[0-9 :./-]*')
        then {{ duckdb__named_date(birth_date, "'\\2\\4\\8'") }}
    end
{%- endmacro %}

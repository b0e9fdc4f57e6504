{# A first or last name without white space and punctuation. #}
{% macro normalize_name(name) -%}
    {{ adapter.dispatch('normalize_name')(name) }}
{%- endmacro %}

{% macro duckdb__normalize_name(name) -%}
    {{ duckdb__unless_hashed(name, duckdb__without_punctuation(name), plain='[a-zß-öø-ɏЀ-ҁҊ-ԯḀ-ỿぁ-ゖァ-ヺ一-鿿가-힣]+') }}
{%- endmacro %}

{% macro spark__normalize_name(name) -%}
    {{ spark__unless_hashed(name, spark__without_punctuation(name), plain='[a-zß-öø-ɏЀ-ҁҊ-ԯḀ-ỿぁ-ゖァ-ヺ一-鿿가-힣]+') }}
{%- endmacro %}

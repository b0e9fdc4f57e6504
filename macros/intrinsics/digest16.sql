{# A 16-byte digest of any number of values; null counts as empty, the unit separator keeps them apart. #}
{% macro digest16() %} {{ adapter.dispatch('digest16')(*varargs) }}{% endmacro %}

{#- By way of the bytes: a uuid read from its text costs as much as the digest. -#}
{% macro duckdb__digest16() -%}
    cast(unhex(md5(concat({{ varargs | join(', chr(31), ') }}))) as uuid)
{%- endmacro %}

{% macro default__digest16() -%}
    cast(md5(concat({{ varargs | join(', chr(31), ') }})) as uuid)
{%- endmacro %}

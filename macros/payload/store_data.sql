{# The store that sold, sent while `send_store_data` is true: `store_data(store_code='store_no')`. #}
{% macro store_data() -%} {{ named_object('store_data', kwargs) }} {%- endmacro %}

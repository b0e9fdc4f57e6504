{#
    PostgreSQL writes the escapes of control characters with small letters, DuckDB
    with large ones.
#}
{% macro postgres__json_text(text) -%}
    {%- set escaped = namespace(text="replace(replace(" ~ text ~ ", '\\', '\\\\'), '\"', '\\\"')") -%}
    {%- for code in range(1, 32) -%}
        {%- set escape = {8: '\\b', 9: '\\t', 10: '\\n', 12: '\\f', 13: '\\r'}.get(code, '\\u%04X' | format(code)) -%}
        {%- set escaped.text = "replace(" ~ escaped.text ~ ", chr(" ~ code ~ "), '" ~ escape ~ "')" -%}
    {%- endfor -%}
    case
        when {{ text }} ~ '[\u0001-\u001f]'
        then '"' || {{ escaped.text }} || '"'
        else cast(to_json(cast({{ text }} as text)) as text)
    end
{%- endmacro %}

{% macro postgres__json_array() -%}
    concat(
        '[',
        {% for text in varargs -%}
            coalesce({{ postgres__json_text(text) }}, 'null'),
            {% if not loop.last -%} ',', {% endif -%}
        {% endfor -%}
        ']'
    )
{%- endmacro %}

{#
    Spark has no such function: texts become "", other scalars 0, and lists and objects of those
    become 0 in turn, up to 64 within each other.
#}
{% macro spark__is_json(text) -%}
    {%- set hex -%} [0-9A-Fa-f]{%- endset -%}
    {%- set plain -%} [^"\\\x00-\x1f]*+{%- endset -%}
    {%- set escaped -%}
        \\(?:["\\/bfnrt]|u(?:[0-9A-CE-Fa-ce-f]{{ hex }}{3}|[Dd][0-7]{{ hex }}{2}|[Dd][89ABab]{{ hex }}{2}\\u[Dd][C-Fc-f]{{ hex }}{2}))
    {%- endset -%}
    {%- set scalar -%}
        true|false|null|-?(?:0|[1-9][0-9]*+)(?:[.][0-9]++)?(?:[eE][+-]?[0-9]++)?
    {%- endset -%}
    {%- set space = '[ \\t\\n\\r]*+' -%}
    {%- set value = '(?:""|0)' ~ space -%}
    {%- set pair = '""' ~ space ~ ':' ~ space ~ value -%}
    {%- set list -%}
        \[{{ space }}(?:{{ value }}(?:,{{ space }}{{ value }})*+)?\]
    {%- endset -%}
    {%- set object -%}
        [{]{{ space }}(?:{{ pair }}(?:,{{ space }}{{ pair }})*+)?[}]
    {%- endset -%}
    aggregate(
        sequence(1, 64),
        regexp_replace(
            {#- One without an end stays a single quote, and is not read twice. #}
            regexp_replace(
                {{ text }}, r'"{{ plain }}(?:{{ escaped }}{{ plain }})*+("?)', '"$1'
            ),
            r'{{ scalar }}',
            '0'
        ),
        (its_rest, depth) -> if(
            its_rest rlike '[]}]',
            regexp_replace(its_rest, r'{{ list }}|{{ object }}', '0'),
            its_rest
        )
    )
    rlike r'^{{ space }}{{ value }}\z'
{%- endmacro %}

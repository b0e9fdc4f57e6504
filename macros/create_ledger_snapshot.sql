{# An empty ledger snapshot where there is none: the loader fills it before a build. What dbt builds over an older one is never sent: it drops the stamp. #}
{% macro create_ledger_snapshot() -%}
create table if not exists {{ target.schema }}.ledger_snapshot (
    event_key {{ type_digest() }},
    sale_key {{ type_digest() }},
    payload_digest {{ type_digest() }},
    rules_version {{ type_text() }},
    state {{ type_text() }},
    first_left_at bigint,
    last_at bigint
)
    {%- if dbt_version is defined and flags.WHICH in ('build', 'run', 'retry') -%}
        ;
    drop table if exists {{ target.schema }}.build_stamp
    {%- endif %}
{%- endmacro %}

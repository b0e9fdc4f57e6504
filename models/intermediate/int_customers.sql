-- One row per source row: who bought it, as the source has it. Personal, so never
-- stored.
select row_id, {{ customer_columns() }} from {{ ref('int_numbered_sales') }}

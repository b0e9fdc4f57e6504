-- One row per sale of which a customer forbids something: what one source knows of
-- holds for the same sale in every other.
select
    sale_key,
    min(case when has_consent then 1 else 0 end) = 1 as has_consent,
    max(case when opts_out then 1 else 0 end) = 1 as opts_out,
    max(data_processing) as data_processing,
    max(case when has_bad_data_processing then 1 else 0 end)
    = 1 as has_bad_data_processing
from {{ ref('int_baskets') }}
where
    sale_key is not null
    and (
        not has_consent
        or opts_out
        or has_bad_data_processing
        or data_processing is not null
    )
group by sale_key

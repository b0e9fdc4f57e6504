-- One row per sale in scope: where and when it was sold, how it ended, and which parts
-- of its customer the source gave (given) and Meta gets (valid); 1 where it is so.
{%- set fields = {
    'em': ['email', 'em', 'em_2', 'em_3'],
    'ph': ['phone', 'ph', 'ph_2', 'ph_3'],
    'external_id': ['external_id', 'external_id', 'external_id_2', 'external_id_3'],
    'fn': ['fn', 'fn'],
    'ln': ['ln', 'ln'],
    'db': ['db', 'db'],
    'ge': ['gen', 'ge'],
    'ct': ['ct', 'ct', 'ct_2'],
    'st': ['st', 'st'],
    'zp': ['zip', 'zp', 'zp_2'],
    'country': ['country', 'country'],
    'madid': ['madid', 'madid'],
    'lead_id': ['lead_id', 'lead_id'],
    'client_ip_address': ['client_ip_address', 'client_ip_address'],
    'client_user_agent': ['client_user_agent', 'client_user_agent'],
    'user_keys': ['user_keys', 'user_keys'],
} %}

with
    verdicts as (select * from {{ ref('int_basket_verdicts') }}),
    baskets as (select * from {{ ref('int_judged_baskets') }}),
    identities as (select * from {{ ref('int_identities') }}),
    currencies as (select * from {{ ref('currencies') }}),

    known as (
        select
            basket,
            ',' || problems as problems,
            {%- for field, columns in fields.items() %}
                case
                    when
                        {%- for column in columns[1:] %}
                            {{ 'or' if not loop.first }} {{ column }} is not null
                        {%- endfor %}
                    then 1
                    else 0
                end as {{ field }}_valid{{ ',' if not loop.last }}
            {%- endfor %}
        from identities
    )

select
    baskets.basket,
    baskets.first_row_ref,
    baskets.source_name,
    {{ json_member('baskets.store_data', "'store_code'") }} as store,
    baskets.dataset_id,
    baskets.event_name,
    baskets.event_time,
    baskets.event_time - baskets.event_time % 86400 as day,
    currencies.currency,
    baskets.order_value,
    baskets.lines,
    verdicts.bucket,
    case when known.basket is null then 0 else 1 end as is_looked_at,
    {%- for field, columns in fields.items() %}
        coalesce(known.{{ field }}_valid, 0) as {{ field }}_valid,
        case
            when known.{{ field }}_valid = 1
            then 1
            when known.problems like '%,{{ columns[0] }}%'
            then 1
            else 0
        end as {{ field }}_given,
    {%- endfor %}
    -- an address alone, or a name with where or when they were born, finds a person
    case
        when known.em_valid + known.ph_valid + known.madid_valid > 0 then 1 else 0
    end as has_contact,
    case
        when
            known.em_valid
            + known.ph_valid
            + known.madid_valid
            + known.lead_id_valid
            + known.user_keys_valid
            > 0
        then 1
        when
            known.fn_valid + known.ln_valid = 2
            and known.zp_valid + known.db_valid + known.ct_valid > 0
        then 1
        else 0
    end as is_matchable
from verdicts
inner join baskets on verdicts.basket = baskets.basket
left join known on verdicts.basket = known.basket
left join currencies on baskets.currency = currencies.currency

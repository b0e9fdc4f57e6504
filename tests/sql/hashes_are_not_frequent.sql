-- No hash stands in so many events that it can be no customer's; audit_frequent_hashes
-- has the shares.
{{ config(severity='warn') }}

select field, digest, events, share
from {{ ref('audit_frequent_hashes') }}

"""A ledger that knows many events already, all accepted over the last 60 days, none of the shop's.

    .venv/bin/python benchmarks/fill_ledger.py LEDGER EVENTS

The ledger makes its file itself; the rows, which would take hours to send, are written as it does.
"""

import json
import sys
import time
from pathlib import Path

import duckdb

from tillpost.ledger import Ledger

BATCH = 1000
DAYS = 60
FILL = f"""
create temporary macro written_at(number) as
    cast(now() as timestamp) - to_seconds(cast(86400 * (1 + {DAYS} * number / $batches) as bigint));
insert into batches (run_id, batch, dataset_id, rules_version, state, written_at, entry)
select 'bench', range, '1234567890', 'bench', 'leaving', written_at(range), 2 * range + 1
from range($batches);
insert into answers (
    run_id, batch, dataset_id, outcome, fault, events, attempts, message, fbtrace_id, warnings,
    written_at, batch_entry, entry
)
select
    'bench', range, '1234567890', 'accepted', '', {BATCH}, 1, '', 'x', '',
    written_at(range), 2 * range + 1, 2 * range + 2
from range($batches);
insert into keys (event_key, sale_key, payload_digest, entry)
select digest, digest, digest, range // {BATCH} * 2 + 1
from (select range, cast(md5(cast(range as varchar)) as uuid) as digest from range($events));
"""


def main() -> None:
    """Fill it, and say how large it is."""
    path, events = Path(sys.argv[1]), int(sys.argv[2])
    with Ledger.open(path, clock=time.time):
        pass
    numbers = {"batches": events // BATCH, "events": events // BATCH * BATCH}
    with duckdb.connect(path, config={"threads": "2", "memory_limit": "2GB"}) as connection:
        text = FILL
        for name, number in numbers.items():
            text = text.replace(f"${name}", str(number))
        connection.execute(text)
        # Numbers go on behind those that were given.
        given = 2 * events // BATCH + 2
        connection.execute(f"select max(nextval('entry_numbers')) from range({given})")
    print(json.dumps({"events": numbers["events"], "mb": round(path.stat().st_size / 1e6, 1)}))


if __name__ == "__main__":
    main()

"""Meta's own SDK over the same lines: read, fold, normalise, hash, serialise, and perhaps send.

    peer_sdk.py FILE LINES [ADDRESS]      in the environment of requirements-bench-sdk.txt

The SDK raises on the first value it does not take, and a request with it is lost: such values are
left out here by the cheapest looks there are, and it does less work for them. What it has nothing
for (folding lines, judging, a ledger) is left out or done in a few lines of Python.
"""

import json
import sys
import time
from collections.abc import Iterator
from itertools import groupby, islice
from operator import itemgetter

import duckdb
from facebook_business.adobjects.serverside.action_source import ActionSource
from facebook_business.adobjects.serverside.batch_processor import BatchProcessor
from facebook_business.adobjects.serverside.content import Content
from facebook_business.adobjects.serverside.custom_data import CustomData
from facebook_business.adobjects.serverside.event import Event
from facebook_business.adobjects.serverside.event_request_async import EventRequestAsync
from facebook_business.adobjects.serverside.event_response import EventResponse
from facebook_business.adobjects.serverside.gender import Gender
from facebook_business.adobjects.serverside.user_data import UserData
from facebook_business.api import FacebookAdsApi
from facebook_business.session import FacebookSession

BATCH = 1000
IN_FLIGHT = 8
GENDERS = {"F": Gender.FEMALE, "female": Gender.FEMALE, "M": Gender.MALE, "male": Gender.MALE}
LINES = """
select
    order_id, cast(epoch(sold_at) as bigint), sku, quantity, cast(line_total as double), currency,
    email, phone, fn, ln, gen, db, ct, st, zip, country, external_id
from read_parquet(?) limit ?
"""


class Requests(EventRequestAsync):
    """The SDK's request, which keeps what was answered: the SDK gives it to nobody."""

    received = 0

    async def execute(self) -> EventResponse:
        """Send, and count."""
        response = await super().execute()
        Requests.received += response.events_received
        return response

    def clone_without_events(self) -> "Requests":
        """One more of this kind."""
        return Requests(pixel_id=self.pixel_id, events=[])


def events(file: str, lines: int) -> Iterator[Event]:
    """One event an order; its lines follow each other."""
    rows = duckdb.connect(config={"threads": 2}).execute(LINES, [file, lines])
    each = (row for group in iter(lambda: rows.fetchmany(BATCH), []) for row in group)
    for _, order in groupby(each, key=itemgetter(0)):
        yield event(list(order))


def event(order: list[tuple]) -> Event:
    """Lines become contents, the customer is the first line's."""
    order_id, sold_at, _, _, _, currency, *customer = order[0]
    return Event(
        event_name="Purchase",
        event_time=sold_at,
        action_source=ActionSource.PHYSICAL_STORE,
        user_data=user_data(*customer),
        custom_data=CustomData(
            value=round(sum(line[4] for line in order), 2),
            currency=currency,
            order_id=order_id,
            contents=[
                Content(product_id=sku, quantity=quantity, item_price=round(total / quantity, 2))
                for _, _, sku, quantity, total, *_ in order
            ],
        ),
    )


def user_data(  # noqa: PLR0913, PLR0917  the eleven fields
    email: str, phone: str, fn: str, ln: str, gen: str, db: str,
    ct: str, st: str, zip_code: str, country: str, external_id: str,
) -> UserData:  # fmt: skip
    """What the SDK would raise on is left out: a phone without its country, a country's name."""
    return UserData(
        email=email if email and "@" in email else None,
        phone=phone if phone and phone.startswith("+") else None,
        first_name=fn,
        last_name=ln,
        gender=GENDERS.get(gen),
        date_of_birth=db,
        city=ct,
        state=st,
        country_code=country if country in {"DE", "GB", "US", "FR", "IT", "BR"} else None,
        zip_code=zip_code,
        external_id=external_id,
    )


def main() -> None:
    """Time all but the imports."""
    file, lines, *address = sys.argv[1:]
    start = time.perf_counter()
    each = events(file, int(lines))
    made = size = 0
    if address:
        FacebookSession.GRAPH = address[0]
        FacebookAdsApi.init(access_token="bench", crash_log=False)  # noqa: S106  no secret
        request = Requests(pixel_id="1234567890", events=[])
        processor = BatchProcessor(batch_size=BATCH, concurrent_requests=IN_FLIGHT)
        while group := list(islice(each, BATCH * IN_FLIGHT)):
            processor.process_events(request, group)
            made += len(group)
    else:
        while group := list(islice(each, BATCH)):
            size += len(EventRequestAsync(pixel_id="1", events=group).normalize())
            made += len(group)
    seconds = round(time.perf_counter() - start, 3)
    if address and Requests.received != made:
        raise SystemExit(f"{Requests.received} of {made} events were received")
    print(json.dumps({"lines": int(lines), "events": made, "bytes": size, "seconds": seconds}))


if __name__ == "__main__":
    main()

"""The stores: where they are, how they count money and time, who comes in."""

import csv
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo


@dataclass(frozen=True, kw_only=True)
class Store:
    """A store; ``visitors`` weighs the countries its customers live in."""

    store_id: str
    store: str
    time_zone: str
    country: str
    currency: str
    share: float
    visitors: dict[str, int]

    @property
    def clock(self) -> ZoneInfo:
        """The zone of the clock that hangs over its tills."""
        return ZoneInfo(self.time_zone)


STORES = (
    Store(
        store_id="B01",
        store="Berlin Mitte",
        time_zone="Europe/Berlin",
        country="DE",
        currency="EUR",
        share=0.5,
        visitors={"de": 68, "at": 9, "nl": 7, "fr": 6, "es": 5, "se": 5},
    ),
    Store(
        store_id="N01",
        store="New York SoHo",
        time_zone="America/New_York",
        country="US",
        currency="USD",
        share=0.3,
        visitors={"us": 88, "gb": 5, "fr": 3, "de": 2, "es": 2},
    ),
    Store(
        store_id="L01",
        store="London Soho",
        time_zone="Europe/London",
        country="GB",
        currency="GBP",
        share=0.2,
        visitors={"gb": 80, "fr": 7, "us": 6, "se": 4, "nl": 3},
    ),
)

COLUMNS = ("store_id", "store", "time_zone", "country", "currency")


def write_stores(path: Path) -> None:
    """Write the list of stores, which tells the zone of each till's clock."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows([getattr(store, column) for column in COLUMNS] for store in STORES)

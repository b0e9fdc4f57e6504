"""A till export full of canaries, also where nobody expects personal data."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from canary_search import Canary

PERSONAL, CLEAR, MISPLACED = "qzjxvk", "wqxzjk", "kxqzwj"
TOKEN, APP_SECRET = "EAAGvqzx7wkTj3QhYw9XzRb2", "f3a9c17b5e2d4860a1b9c8d7e6f50412"
PHONE, BORN, LEAD, ADDRESS = "83759142", "1931-07-23", "7315902846", "203.0.113.77"
MADID = "c0ffee5a-7e11-4b0d-9a7e"
CANARIES = (
    Canary(name="mark", spellings=(PERSONAL,)),
    Canary(name="phone", spellings=(PHONE, "8375-9142", "8375 9142")),
    Canary(name="birth date", spellings=(BORN, "19310723", "23.07.1931", "07/23/1931")),
    Canary(name="in clear", spellings=(CLEAR, LEAD, ADDRESS, MADID)),
    Canary(name="misplaced", spellings=(MISPLACED,)),
    Canary(name="secret", spellings=(TOKEN, APP_SECRET)),
)
"""Personal data that is hashed; what Meta takes in clear; what stands in untagged columns."""

COLUMNS = (
    *("order_id", "line_no", "sold_at", "sku", "quantity", "line_total", "currency", "email"),
    *("email 2", "phone", "first_name", "last_name", "gender", "dob", "city", "state", "zip"),
    *("country", "customer_no", "idfa", "lead_id", "user_agent", "ip"),
)
Cells = dict[str, str]


def customer(number: int) -> Cells:
    """One line of a receipt; every value that names its customer is a canary."""
    code = "".join(random.Random(number).choices("abcdefghij", k=8))  # noqa: S311  it must repeat
    day = datetime.now(UTC) - timedelta(days=1 + number % 5)
    spelt = (PHONE, "8375-9142", "8375 9142")[number % 3]
    return {
        "order_id": f"R{number}",
        "line_no": "1",
        "sold_at": f"{day:%Y-%m-%d} 10:{number % 60:02}:00",
        "sku": "MUG-1",
        "quantity": "1",
        "line_total": "9.95",
        "currency": "EUR",
        "email": f"{PERSONAL}.{code}@{PERSONAL}.example",
        "email 2": f"  {PERSONAL.upper()}{code}@{PERSONAL}.example ",
        "phone": f"+49 30 {spelt}{number % 100:02}",
        "first_name": f"{PERSONAL.title()}{code}",
        "last_name": f"de la {PERSONAL.title()}ö{code}",
        "gender": "f",
        "dob": (BORN, "23.07.1931")[number % 2],
        "city": f"Sankt {PERSONAL.title()} am {code.title()}",
        "state": f"{PERSONAL.title()}land",
        "zip": f"{PERSONAL.upper()} {number}",
        "country": "DE",
        "customer_no": f"{PERSONAL}-{code}",
        "idfa": f"{MADID}-{number:012}",
        "lead_id": f"{LEAD}{number % 100000:05}",
        "user_agent": f"{CLEAR}/1.0 {code}",
        "ip": ADDRESS,
    }


def rows(count: int) -> Iterator[Cells]:
    """Customers; some have a fault, so that there is something to tell of each."""
    address = f"{PERSONAL}.fault@{PERSONAL}.example"
    faults: tuple[Cells, ...] = (
        {"email": f"{address} oder {address}", "phone": f"{PHONE} {PERSONAL}"},
        {"line_total": address},
        {"quantity": address},
        {"sold_at": address},
        {"currency": address},
        {"sold_at": "2019-01-01 10:00:00"},
        {"dob": f"{PERSONAL} {BORN}", "gender": PERSONAL, "country": f"{PERSONAL}ia"},
        {"order_id": ""},
        {"idfa": f"{PERSONAL}", "lead_id": address, "ip": address},
    )
    for number in range(count):
        yield customer(number)
    for place, fault in enumerate(faults):
        yield customer(count + place) | fault
    yield customer(0) | {"sold_at": customer(1)["sold_at"]}
    # Such an id is in no tagged column: it goes where orders go.
    yield customer(count + 50) | {"order_id": f"{MISPLACED}-1"}
    yield customer(count + 51) | {
        "order_id": f"0.{MISPLACED}@{MISPLACED}.example",
        "currency": "none",
    }


def write_export(path: Path, *, count: int, is_clean: bool = False) -> None:
    """A CSV file; unless it is to be clean, with lines that do not parse."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [",".join(COLUMNS)]
    lines += [",".join(cells[name] for name in COLUMNS) for cells in rows(count)]
    content = ("\n".join(lines) + "\n").encode()
    if not is_clean:
        broken = ",".join(customer(7).values())
        content += f"{broken},{PERSONAL},{PERSONAL}@{PERSONAL}.example\n".encode()
        content += f"{PERSONAL}@{PERSONAL}.example\n".encode()
        content += broken.encode().replace(b"\xc3\xb6", b"\xf6") + b"\n"
        content += f'"{PERSONAL}" and "{PERSONAL}@{PERSONAL}.example,{broken}\n'.encode()
    path.write_bytes(content)

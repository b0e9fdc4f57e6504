"""Guessing which column of a stranger's file is which of Tillpost's, by its name."""

import re

WORDS = {
    "order_id": "orderid order ordernumber orderno receiptno receipt receiptid receiptnumber"
    " transactionid transactionno transaction txnid ticket ticketno ticketid invoice invoiceno"
    " saleid beleg belegnr belegnummer bon bonnr bonnummer bestellnummer rechnungsnummer",
    "event_time": "soldat eventtime datetime timestamp orderedat orderdate ordertime orderdatetime"
    " purchasedat purchasedate purchasetime transactiondate transactiontime transactiondatetime"
    " transdate transtime trandate createdat saledate saletime date time datum zeitpunkt"
    " verkaufszeit kaufdatum verkaufsdatum belegdatum bondatum",
    "currency": "currency currencycode ccy waehrung wahrung devise",
    "order_total": "ordertotal grandtotal totalamount ordervalue orderamount total value revenue"
    " gesamtbetrag bruttobetrag nettobetrag umsatz summe",
    "line_total": "linetotal lineamount linevalue netamount amount extprice"
    " extendedprice sum betrag zeilenbetrag",
    "quantity": "quantity qty units menge anzahl",
    "unit_price": "unitprice price itemprice preis einzelpreis",
    "item_id": "itemid sku articleno articleid article productid productcode product ean upc gtin"
    " artikelnr artikelnummer",
    "item_brand": "brand itembrand marke",
    "item_category": "category itemcategory productcategory kategorie warengruppe",
    "line_no": "lineno line lineid linenumber position pos positionsnr zeile",
    "email": "email em mail emailaddress customeremail loyaltyemail memberemail",
    "phone": "phone ph mobile mobilephone phonenumber telephone tel telefon telefonnummer handy"
    " customerphone cell",
    "fn": "fn firstname givenname first forename vorname prenom",
    "ln": "ln lastname surname familyname last nachname nom",
    "gen": "gen ge gender sex geschlecht anrede",
    "db": "db dob birthdate birthday dateofbirth geburtsdatum geburtstag",
    "ct": "ct city town ort stadt wohnort ville",
    "st": "st state province region bundesland",
    "zip": "zip zp zipcode postalcode postcode plz postleitzahl",
    "country": "country countrycode land pays",
    "external_id": "externalid customerno customerid customernumber loyaltyid loyaltyno cardno"
    " memberid kundennr kundennummer clientid",
    "madid": "madid mobileadid idfa gaid advertisingid",
    "lead_id": "leadid leadno",
    "action_source": "actionsource channel",
    "event_source_url": "eventsourceurl pageurl url",
    "client_user_agent": "clientuseragent useragent",
    "client_ip_address": "clientipaddress clientip ipaddress ip",
    # the store tells whose receipt it is, and audits by itself
    "store_data": "store storeid storeno storecode storenumber shop shopid shopno branch branchid"
    " branchno branchcode outlet outletid locationid filiale filialnr filialnummer markt"
    " marktnr magasin",
    "item_title": "itemtitle itemname productname articlename artikelname bezeichnung",
    "referrer_url": "referrerurl referrer referer",
    "delivery_category": "deliverycategory",
    # whoever asked customers does not want the answer left out
    "consent": "consent marketingconsent adconsent adsconsent optin marketingoptin einwilligung"
    " werbeeinwilligung",
    "opt_out": "optout marketingoptout widerspruch werbewiderspruch",
    "data_processing_options": "dataprocessingoptions",
    "data_processing_options_country": "dataprocessingoptionscountry",
    "data_processing_options_state": "dataprocessingoptionsstate",
}
MEANINGS = {word: name for name, words in WORDS.items() for word in words.split()}
"""What a column of a name without spaces and signs is."""
DAYS = {
    *("date", "datum", "orderdate", "purchasedate", "transactiondate", "transdate", "trandate"),
    *("saledate", "kaufdatum", "verkaufsdatum", "belegdatum", "bondatum"),
}
CLOCKS = {
    *("time", "uhrzeit", "zeit", "ordertime", "purchasetime", "transactiontime", "transtime"),
    *("saletime", "verkaufszeit"),
}
"""Where day and time of day of a sale have a column each."""
CUSTOMER_COLUMNS = (
    *("email", "email_2", "email_3", "phone", "phone_2", "phone_3", "fn", "ln", "gen", "db"),
    *("ct", "st", "zip", "country", "external_id", "external_id_2", "external_id_3", "madid"),
    *("lead_id", "client_ip_address", "client_user_agent", "user_keys"),
)


def guess_columns(columns: tuple[str, ...]) -> dict[str, str]:
    """Tillpost's name to the file's, for each column whose name is known; the first one wins."""
    found: dict[str, str] = {}
    for column in columns:
        word = _word(column)
        meaning = MEANINGS.get(word) or _one_of_several(MEANINGS.get(word[:-1]), word[-1:])
        if meaning:
            found.setdefault(meaning, column)
    return found


def _one_of_several(meaning: str | None, number: str) -> str | None:
    """What `email 2` is, where there may be several; `line 2` is a part of an address."""
    if f"{meaning}_2" not in CUSTOMER_COLUMNS:
        return None
    return {"1": meaning, "2": f"{meaning}_2", "3": f"{meaning}_3"}.get(number)


def kind_of(name: str) -> str:
    """The kind of personal data in a customer's column: further ones are of the first one's."""
    return re.sub(r"_[23]$", "", name)


def guess_grain(found: dict[str, str]) -> str:
    """A file with line numbers, articles or quantities has a row a line."""
    return "line" if {"line_no", "item_id", "quantity"} & found.keys() else "order"


def for_grain(found: dict[str, str], grain: str) -> dict[str, str]:
    """An amount is the order's where a row is an order, and the line's where it is a line."""
    mapped = dict(found)
    wanted, other = (
        ("order_total", "line_total") if grain == "order" else ("line_total", "order_total")
    )
    if wanted not in mapped and other in mapped:
        mapped[wanted] = mapped.pop(other)
    return mapped


def day_and_clock(columns: tuple[str, ...]) -> tuple[str, str] | None:
    """The columns that tell day and time of day of a sale, by their names."""
    day = next((each for each in columns if _word(each) in DAYS), None)
    clock = next((each for each in columns if _word(each) in CLOCKS), None)
    return (day, clock) if day and clock else None


def _word(column: str) -> str:
    plain = column.lower().translate(str.maketrans("äöüéè", "aouee"))
    return re.sub(r"[^a-z0-9]", "", plain)

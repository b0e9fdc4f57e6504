"""What Meta knows of user_data: its keys, their shapes, and the words that are nobody's."""

HASHED = (
    *("em", "ph", "external_id", "fn", "ln", "ge", "db", "ct", "st", "zp", "country"),
    *("email", "phone", "gen", "zip"),
)
"""Keys of user_data that hold hashes; the last four are the offline page's names."""
_ID = r"[0-9A-Za-z._:+/=~-]+"
_ADDRESS = r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}|(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f.]{0,15}"
CLEAR = {
    "madid": r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}",
    "lead_id": r"[0-9]{15,16}",
    "client_ip_address": _ADDRESS,
    "client_user_agent": "",
    **dict.fromkeys(("fbc", "fbp"), rf"fb\.{_ID}"),
    **dict.fromkeys(("subscription_id", "fb_login_id", "page_id", "page_scoped_user_id"), _ID),
    **dict.fromkeys(("ig_account_id", "ig_sid", "ctwa_clid", "whatsapp_business_account_id"), _ID),
}
"""Keys of user_data in clear, each with its shape; where there is none, any text will do."""
MISPLACED = ("user_data", "em", "email", "ph", "phone", "fn", "ln", "db")
"""Keys that nothing outside of user_data may have."""
_REAL = {
    **dict.fromkeys(("null", "none", "test"), ("ln",)),
    **dict.fromkeys(("nan", "nil"), ("fn", "ln", "ct")),
}
"""Placeholders that are somebody's name or town, and the keys in which they are."""
_PLACEHOLDERS = (
    *("NULL", "None", "NaN", "<null>", "(null)", "(none)", "\\n", "unknown", "undefined"),
    *("n/a", "#n/a", "not set", "not available", "not provided", "[object object]"),
    *("[object Object]", "[]", "{}", "-", "--", ".", "?", *("0" * many for many in range(1, 16))),
    *_REAL,
)


def placeholders(key: str = "") -> tuple[str, ...]:
    """The words that stand where a value of this key is missing; without a key, all of them."""
    return tuple(word for word in _PLACEHOLDERS if key not in _REAL.get(word, ()))

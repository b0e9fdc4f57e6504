"""How often each kind of dirt occurs. README.md tells why each is there."""

ANONYMOUS_RECEIPTS = 0.30
WEIGHED_LINES = 0.08
HISTORY_LINES = 0.55

# Share of the recent receipts; a receipt has one mishap at most, each kind occurs at least once.
RECEIPT_MISHAPS = {
    "edited": 0.010,
    "return_line": 0.020,
    "whole_refund": 0.015,
    "discount_line": 0.050,
    "zero_value": 0.004,
    "future_time": 0.002,
    "unreadable_time": 0.003,
    "text_for_number": 0.003,
    "no_receipt_no": 0.004,
    "lower_case_currency": 0.010,
    "wrong_currency": 0.002,
    "mixed_currencies": 0.002,
    "late_customer": 0.020,
}

# Share of the filled-in customer forms, for the first two of each field of a form.
CONTACT_FLAWS = {
    "blank_field": 0.040,
    "placeholder": 0.015,
    "upper_case_email": 0.030,
    "padded_email": 0.020,
    "two_emails": 0.010,
    "country_name": 0.150,
    "country_alpha3": 0.080,
    "gender_word": 0.400,
    "local_birth_date": 0.250,
    "untidy_postal_code": 0.150,
}

# Share of the people.
OTHER_SCRIPT_NAMES = 0.015

# Share of the web orders.
WEB_FLAWS = {
    "click_and_collect": 0.080,
    "website_without_browser": 0.020,
    "zeroed_mobile_ad_id": 0.030,
    "bad_lead_no": 0.010,
    "bad_web_currency": 0.010,
    "bad_birth_date": 0.010,
}

# Lines of all till exports together that have too few or too many columns.
BROKEN_LINES = 12

# Age in days -> receipt number in the first store. Each is six hours younger than its age says, so
# that it stays on its side of Meta's 7 and 62 days and of the 63 days read for an afternoon's work.
AGED_RECEIPTS = {6: 900006, 8: 900008, 61: 900061, 63: 900063}

"""How a value was normalised, step by step."""

import unicodedata

from tillpost.pipeline.customer_fields import IN_CLEAR
from tillpost.pipeline.explain import Explanation


def explain_words(explanation: Explanation) -> str:
    """Each step of a value and what becomes of it, a line each."""
    case, answer = explanation.case, explanation.answer
    steps = {"given": case.values or ("",), "country": (case.country,) if case.country else ()}
    lines = [
        (_step_name(step), _visible(value))
        for step, values in (steps | explanation.steps).items()
        for value in values
    ]
    lines += [("normalized", value) for value in answer.normalized or ("absent",)]
    lines += [("problem", f"{word}: {meaning}") for word, meaning in explanation.problems.items()]
    lines += [("sha256", "none: it goes in clear")] if case.field in IN_CLEAR else []
    known = dict.fromkeys(answer.normalized, ", a hash already: passed on")
    lines += [("sha256", digest + known.get(digest, "")) for digest in answer.hashes]
    lines += [("sent as", f"user_data.{case.field}")] if answer.normalized else []
    return "\n".join(f"{name:<15}  {text}" for name, text in lines)


def _step_name(step: str) -> str:
    """What a model did, by its name: int_folded_customers folded."""
    name = step.removeprefix("int_").removesuffix("_customers").removesuffix("_spellings")
    return name.replace("_", " ")


def _visible(text: str) -> str:
    """In quotes; what cannot be seen, or not as it is, by its number."""
    whole = unicodedata.is_normalized("NFC", text)
    signs = (
        sign
        if sign.isprintable() and sign != "\\" and (whole or not unicodedata.combining(sign))
        else sign.encode("unicode_escape").decode()
        for sign in text
    )
    return f'"{"".join(signs)}"'

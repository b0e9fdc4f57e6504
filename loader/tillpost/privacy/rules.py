"""What each intrinsic does to personal data, as the project declares it in YAML.

The trusted base of the proof is these declarations and the texts of the intrinsics.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

IN_CLEAR = frozenset(
    (
        *("madid", "lead_id", "client_ip_address", "client_user_agent", "fbc", "fbp"),
        *("subscription_id", "fb_login_id", "page_scoped_user_id", "ig_sid", "ctwa_clid"),
    )
)
"""Kinds that Meta wants as they are, each under the key of its own name."""


class Effect(StrEnum):
    """What an intrinsic makes of its arguments."""

    NORMALIZE = "normalize"
    """the text that Meta wants hashed, of arguments of the kinds named; the first is its own"""
    HASH = "hash"
    """a hash; it clears what its own normaliser made"""
    ANSWER = "answer"
    """a word of a closed list about arguments of the kinds named"""
    DIGEST = "digest"
    """a digest of what is cleared already or may stand in clear"""
    KEYED = "keyed"
    """a digest with the project's own key, of anything"""
    PAIR = "pair"
    """a key of the payload, its first argument, with the others under it"""
    PACK = "pack"
    """keys of the payload, put together"""
    ASK = "ask"
    """a yes or no about JSON that was packed"""
    KEEP = "keep"
    """the same text, written otherwise"""
    CHANGE = "change"
    """a value of its own; nothing is cleared"""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One intrinsic's effect; the types that it takes and gives are no affair of the proof."""

    name: str
    effect: Effect
    kinds: tuple[str, ...] = ()
    is_aggregate: bool = False
    takes: tuple[str, ...] = ()
    gives: str = ""

    @property
    def kind(self) -> str:
        """The kind that a normaliser is for; the others only help it."""
        return self.kinds[0] if self.kinds else ""


@dataclass(frozen=True, kw_only=True)
class Rules:
    """The effects of all intrinsics by name."""

    by_name: Mapping[str, Rule]

    def wanted(self, kind: str) -> str:
        """How a kind is cleared, as messages say it."""
        if kind in IN_CLEAR:
            return f"goes elsewhere than user_data.{kind}"
        hashes = [rule.name for rule in self.by_name.values() if rule.effect is Effect.HASH]
        normalizers = [
            rule.name
            for rule in self.by_name.values()
            if rule.effect is Effect.NORMALIZE and rule.kind == kind
        ] or ["normalizer"]
        forms = [f"{hashes[0] if hashes else 'hash'}({each}(…))" for each in normalizers]
        if kind == "external_id":
            forms += [
                f"{rule.name}(…)" for rule in self.by_name.values() if rule.effect is Effect.KEYED
            ]
        return f"never passes {' or '.join(forms)}"

"""What an edge is asked with: a token, and the proof that an app stands behind it."""

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from urllib.parse import quote

from tillpost.errors import NotAllowed
from tillpost.records import EdgeSettings


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """A token, and where there is an app's secret the proof that the app stands behind it."""

    token: str = field(repr=False)
    proof: str = field(repr=False)

    @property
    def headers(self) -> dict[str, str]:
        """The headers of a request that carries the token."""
        return {"Authorization": f"Bearer {self.token}"}


def credentials(token: str, app_secret: str) -> Credentials:
    """A token that can travel in a header, with its proof."""
    if token and not re.fullmatch(r"[!-~]+", token):
        raise NotAllowed(
            "the access token has characters that no token has",
            fix="set it to the token alone, without quotes, spaces or line breaks",
        )
    proof = hmac.new(app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()
    return Credentials(token=token, proof=proof if app_secret else "")


def secrets_of(settings: EdgeSettings) -> set[str]:
    """Everything that no text may hold, also as a URL writes it."""
    pairs = [(settings.access_token, settings.app_secret)]
    pairs += [(own.access_token, own.app_secret) for own in settings.datasets.values()]
    plain = [text for token, secret in pairs for text in (token, secret)]
    plain += [credentials(*pair).proof for pair in pairs]
    return {form for text in plain if text for form in (text, quote(text, ""))}

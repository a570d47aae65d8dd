"""The ways out of the linking pages and back: a state that is used once, in one browser, and CT's authorize page."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import msgspec

from bot.crypto import Keyring, SealError
from bot.ct import CTClient
from bot.services.link_exchange import Outcome
from bot.stores.audit import Audit
from bot.stores.linking import Leg, LinkingStore, Step, Used, hashed

_VERIFIER = "link-verifier"
_CODE_CAP = 4096


@dataclass(frozen=True, slots=True)
class Onward:
    """The browser goes on to `url`; with `cookie`, it is to carry that from now on."""

    url: str
    cookie: str | None = None


class LinkLegs:
    """Sends a browser off and takes it back. `redirect_uri`: where CT sends it, exactly as registered there."""

    def __init__(self, *, ct: CTClient, store: LinkingStore, keyring: Keyring, audit: Audit, public_url: str) -> None:
        self.redirect_uri = f"{public_url.rstrip('/')}/oauth/ct/callback"
        self._ct = ct
        self._store = store
        self._keyring = keyring
        self._audit = audit

    async def out(self, leg: Leg, step: Step) -> str:
        """Remember a leg until the browser comes back; its state."""
        state = secrets.token_urlsafe(32)
        await self._store.begin(leg, state, step)
        return state

    async def to_ct(self, leg: Leg, step: Step) -> Onward:
        """On to CT's authorize page, with a new PKCE verifier that rests sealed."""
        verifier = secrets.token_urlsafe(48)
        sealed = self._keyring.seal(verifier.encode(), owner=step.who.key, purpose=_VERIFIER)
        state = await self.out(leg, msgspec.structs.replace(step, proof=sealed))
        return Onward(self._authorize_url(state, _challenge(verifier)))

    async def back(
        self, leg: Leg, params: Mapping[str, str], cookie: str | None, *, issuer: str | None = None
    ) -> Step | Outcome:
        """Consume the state; it must be of this leg, and of this browser, and where we sent it (CT, by default)."""
        issuer = issuer or self._authorize_url("", "")
        step = await self._store.end(leg, params.get("state", ""))
        if step is None:
            return Outcome.EXPIRED
        if isinstance(step, Used):
            return Outcome.USED
        if not hmac.compare_digest(step.browser, hashed(cookie or "")):
            await self._audit.record("link_refused", who=step.who.key, leg=leg, reason="browser")
            return Outcome.EXPIRED
        if _origin(params.get("iss", issuer)) != _origin(issuer):
            await self._audit.record("link_refused", who=step.who.key, leg=leg, reason="issuer")
            return Outcome.EXPIRED
        return step

    def verifier(self, step: Step) -> str | None:
        """The PKCE verifier of a leg to CT; None when its data key is gone."""
        try:
            return self._keyring.open(step.proof, owner=step.who.key, purpose=_VERIFIER).decode()
        except SealError:
            return None

    def _authorize_url(self, state: str, challenge: str) -> str:
        return self._ct.oauth.authorize_url(redirect_uri=self.redirect_uri, state=state, code_challenge=challenge)


def code_of(params: Mapping[str, str]) -> str | None:
    """The code that somebody came back with; None for one that is missing or absurd."""
    code = params.get("code", "")
    return code if 0 < len(code) <= _CODE_CAP else None


def _challenge(verifier: str) -> str:
    """PKCE's S256 (RFC 7636, section 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _origin(url: str) -> str:
    """Issuers are compared by origin: CT publishes none, so its exact spelling is not known."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}"

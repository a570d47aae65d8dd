"""Sign in with Slack (OpenID Connect): who is in front of this browser, by Slack's own signed word.

The token request is ours (one POST, a deadline, a size cap, no redirects); joserfc checks the signature.
Sources: `guarantees.md` L9 and L11; OpenID Connect Core 1.0, section 3.1.3.7.
"""

import asyncio
import hmac
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import httpx
import msgspec
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from bot.errors import BotError
from bot.identity import SlackUser

_ALGORITHM = "RS256"
_BODY_CAP = 256 * 1024
_KEYS_LIFE = 3600.0
_KEYS_REST = 60.0
_LEEWAY = 60
_OLDEST = 600
_CLAIM = "https://slack.com/"


class SignInDownError(BotError):
    """Slack could not be asked; nothing is known about the person, and they may try again."""


class SignInRefusedError(BotError):
    """What came back does not prove who this is. `reason` is a short word of ours, safe to log."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"Sign in with Slack was refused: {reason}.")
        self.reason = reason


class SlackSignIn:
    """The relying party. One per process; `http` is shared and must not follow redirects."""

    def __init__(
        self,
        *,
        http: httpx.AsyncClient,
        client_id: str,
        client_secret: str,
        slack_url: str,
        api_url: str,
        public_url: str,
        deadline: float = 5.0,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client_id = client_id
        self._client_secret = client_secret
        self._slack_url = slack_url.rstrip("/")
        self._token_url = f"{api_url.rstrip('/')}/openid.connect.token"
        self._redirect_uri = f"{public_url.rstrip('/')}/oauth/slack/callback"
        self._fetch = _Fetch(http, deadline)
        self._keys = SigningKeys(fetch=self._fetch, url=f"{self._slack_url}/openid/connect/keys", clock=monotonic)
        self._clock = clock

    @property
    def issuer(self) -> str:
        return self._slack_url

    def authorize_url(self, *, state: str, nonce: str, team: str) -> str:
        """Where the browser signs in; `team` makes Slack ask about the right workspace."""
        query = urlencode(
            {
                "response_type": "code",
                "scope": "openid",
                "client_id": self._client_id,
                "redirect_uri": self._redirect_uri,
                "state": state,
                "nonce": nonce,
                "team": team,
            }
        )
        return f"{self._slack_url}/openid/connect/authorize?{query}"

    async def identify(self, *, code: str, nonce: str) -> SlackUser:
        """Redeem the code once; raises SignInDownError or SignInRefusedError."""
        answer = await self._fetch(
            "POST",
            self._token_url,
            {
                "client_id": self._client_id,
                "client_secret": self._client_secret,
                "code": code,
                "redirect_uri": self._redirect_uri,
                "grant_type": "authorization_code",
            },
        )
        id_token = answer.get("id_token")
        if answer.get("ok") is not True or not isinstance(id_token, str):
            raise SignInRefusedError("token")
        claims = await self._verified(id_token)
        self._check(claims, nonce)
        return _person(claims)

    async def _verified(self, id_token: str) -> Mapping[str, Any]:
        try:
            header = jws.extract_compact(id_token.encode()).headers()
        except (JoseError, ValueError):
            raise SignInRefusedError("shape") from None
        if header.get("alg") != _ALGORITHM:
            raise SignInRefusedError("algorithm")
        key = await self._keys.find(header.get("kid"))
        try:
            return jwt.decode(id_token, key, algorithms=[_ALGORITHM]).claims
        except (JoseError, ValueError):
            raise SignInRefusedError("signature") from None

    def _check(self, claims: Mapping[str, Any], nonce: str) -> None:
        now = int(self._clock())
        rules = jwt.JWTClaimsRegistry(
            now=now,
            leeway=_LEEWAY,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self._client_id},
            exp={"essential": True},
            iat={"essential": True},
        )
        try:
            rules.validate(dict(claims))
        except (JoseError, ValueError):
            raise SignInRefusedError("claims") from None
        if isinstance(claims["aud"], list) and len(claims["aud"]) != 1:
            raise SignInRefusedError("audience")
        if claims["iat"] < now - _OLDEST:
            raise SignInRefusedError("age")
        given = claims.get("nonce")
        if not isinstance(given, str) or not hmac.compare_digest(given.encode(), nonce.encode()):
            raise SignInRefusedError("nonce")


class SigningKeys:
    """Slack's public keys: kept for an hour, asked for again on an unknown one, once a minute at most."""

    def __init__(self, *, fetch: "_Fetch", url: str, clock: Callable[[], float]) -> None:
        self._fetch = fetch
        self._url = url
        self._clock = clock
        self._lock = asyncio.Lock()
        self._keys: dict[str, RSAKey] = {}
        self._fetched_at = float("-inf")

    async def find(self, key_id: object) -> RSAKey:
        """The key of that id; raises SignInDownError when Slack cannot be asked for it (or was, a moment ago)."""
        if not isinstance(key_id, str):
            raise SignInRefusedError("key")
        async with self._lock:
            age = self._clock() - self._fetched_at
            if age >= _KEYS_LIFE or (key_id not in self._keys and age >= _KEYS_REST):
                await self._refresh()
        if key := self._keys.get(key_id):
            return key
        raise SignInDownError("Slack's signing keys do not hold this one yet.")

    async def _refresh(self) -> None:
        answer = await self._fetch("GET", self._url)
        found = answer.get("keys")
        if not isinstance(found, list):
            raise SignInDownError("Slack's answer holds no keys.")
        self._keys = {key.kid: key for key in map(_rsa_key, found) if key is not None and key.kid}
        self._fetched_at = self._clock()


class _Fetch:
    """One request, one JSON object: an outer deadline, a cap on the decoded body, only status 200 counts."""

    def __init__(self, http: httpx.AsyncClient, deadline: float) -> None:
        self._http = http
        self._deadline = deadline

    async def __call__(self, method: str, url: str, form: Mapping[str, str] | None = None) -> dict[str, Any]:
        try:
            async with asyncio.timeout(self._deadline):
                async with self._http.stream(method, url, data=form, follow_redirects=False) as response:
                    if response.status_code != 200:
                        raise SignInDownError(f"Slack answered {response.status_code}.")
                    body = b""
                    async for chunk in response.aiter_bytes():
                        body += chunk
                        if len(body) > _BODY_CAP:
                            raise SignInDownError("Slack's answer is too long.")
        except (httpx.HTTPError, TimeoutError):
            raise SignInDownError("Slack did not answer.") from None
        try:
            answer = msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise SignInDownError("Slack's answer is not JSON.") from None
        if not isinstance(answer, dict):
            raise SignInDownError("Slack's answer is not an object.")
        return answer


def _rsa_key(raw: object) -> RSAKey | None:
    if not isinstance(raw, dict) or raw.get("kty") != "RSA" or not isinstance(raw.get("kid"), str):
        return None
    try:
        return RSAKey.import_key(raw)
    except (JoseError, ValueError, TypeError):
        return None


def _person(claims: Mapping[str, Any]) -> SlackUser:
    team, user, enterprise = (claims.get(_CLAIM + name) for name in ("team_id", "user_id", "enterprise_id"))
    if not (isinstance(team, str) and team and isinstance(user, str) and user):
        raise SignInRefusedError("person")
    if claims.get("sub", user) != user:
        raise SignInRefusedError("subject")
    return SlackUser(team, user, enterprise if isinstance(enterprise, str) and enterprise else None)

"""A small OpenID issuer for what the practice Slack never does: tampered id_tokens, odd keys, odd answers."""

import secrets
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT_ID = "1111.2222"
CLIENT_SECRET = "oidc-client-secret-canary"
NONCE = "nonce-of-this-leg"

_KEYS = {name: RSAKey.generate_key(2048, {"kid": name}) for name in ("first", "second")}


@dataclass
class Issuer:
    """Answers as told; counts what it was asked."""

    url: str = ""
    published: list[str] = field(default_factory=lambda: ["first"])
    signer: str = "first"
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    key: RSAKey | OctKey | None = None
    id_token: str | None = None
    token_answer: Response | None = None
    keys_answer: Response | None = None
    forms: list[dict[str, str]] = field(default_factory=list)
    keys_asked: int = 0
    codes: dict[str, dict[str, Any]] = field(default_factory=dict)

    def sign(self, **told: Any) -> str:
        """The id_token of Ana, with what the code says and the test's changes; a claim set to None is left out."""
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": CLIENT_ID,
            "sub": "U01ANA",
            "iat": now,
            "exp": now + 300,
            "nonce": NONCE,
            "https://slack.com/team_id": "T01ACME",
            "https://slack.com/user_id": "U01ANA",
        }
        claims |= told | self.claims
        header = {"alg": "RS256", "kid": self.signer} | self.header
        present = {name: value for name, value in claims.items() if value is not None}
        header = {name: value for name, value in header.items() if value is not None}
        return jwt.encode(header, present, self.key or _KEYS[self.signer], algorithms=[header["alg"]])

    async def token(self, request: Request) -> Response:
        self.forms.append({name: str(value) for name, value in (await request.form()).items()})
        if self.token_answer:
            return self.token_answer
        told = self.codes.pop(self.forms[-1]["code"], {})
        return JSONResponse({"ok": True, "id_token": self.id_token or self.sign(**told)})

    async def authorize(self, request: Request) -> Response:
        """Slack's page for somebody who allowed it before: the cookie `slack_user` says `<team>.<user>`."""
        asked = request.query_params
        team, _, user = request.cookies["slack_user"].partition(".")
        code = secrets.token_hex(16)
        person = {"sub": user, "https://slack.com/team_id": team, "https://slack.com/user_id": user}
        self.codes[code] = person | {"nonce": asked["nonce"]}
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}", 302)

    async def keys(self, _request: Request) -> Response:
        self.keys_asked += 1
        return self.keys_answer or JSONResponse(
            {"keys": [_KEYS[name].as_dict(private=False) for name in self.published]}
        )

    def reset(self) -> None:
        """As just made, at the same address."""
        vars(self).update(vars(Issuer(url=self.url)))

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/openid/connect/authorize", self.authorize),
                Route("/api/openid.connect.token", self.token, methods=["POST"]),
                Route("/openid/connect/keys", self.keys),
            ]
        )

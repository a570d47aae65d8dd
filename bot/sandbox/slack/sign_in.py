"""Sign in with Slack: OpenID Connect over an authorize page, a token call and a key set (design.md, decision 2)."""

import base64
import secrets
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.sandbox.slack.credentials import CLIENT_ID, CLIENT_SECRET
from bot.sandbox.slack.id_tokens import claims, id_token
from bot.sandbox.slack.people import Person
from bot.sandbox.slack.refused import RefusedError
from bot.sandbox.slack.sign_in_pages import consent_page, refusal_page, who_page
from bot.sandbox.slack.signing_keys import SigningKeys
from bot.sandbox.slack.web_api import Answer, Call, Method
from bot.sandbox.slack.world import World

COOKIE = "practice_user"
CODE_SECONDS = 600


@dataclass
class Grant:
    user: str
    redirect_uri: str
    nonce: str | None
    scope: str
    at: float
    used: bool = False


class SignIn:
    def __init__(self, world: World) -> None:
        self._world = world
        self._grants: dict[str, Grant] = {}
        self._access: dict[str, Grant] = {}
        self.allowed: set[str] = set()
        self.keys = SigningKeys()

    def routes(self) -> list[Route]:
        return [
            Route("/openid/connect/authorize", self.authorize),
            Route("/openid/connect/signin", self.choose, methods=["POST"]),
            Route("/openid/connect/allow", self.allow, methods=["POST"]),
            Route("/openid/connect/keys", self.jwks),
            Route("/.well-known/openid-configuration", self.configuration),
        ]

    def methods(self) -> dict[str, Method]:
        return {
            "openid.connect.token": Method(self.token, token=False),
            "openid.connect.userInfo": Method(self.user_info, token=False),
        }

    def roll_keys(self) -> str:
        return self.keys.roll()

    def _wrong(self, query: dict[str, str]) -> str | None:
        """Why nothing can be sent back to the app: then the person sees a page and no redirect happens."""
        if query.get("client_id") != CLIENT_ID:
            return "Invalid client_id parameter"
        if query.get("redirect_uri") not in self._world.redirect_uris:
            return "redirect_uri did not match any configured URIs. Passed URI: " + query.get("redirect_uri", "")
        if query.get("response_type") != "code":
            return "Invalid response_type parameter"
        if "openid" not in query.get("scope", "").replace(",", " ").split():
            return "Invalid permissions requested"
        return None

    def _signed_in(self, request: Request, team: str | None) -> Person | None:
        person = self._world.directory.people.get(request.cookies.get(COOKIE, ""))
        if person is None or person.deleted or person.role == "bot" or (team and person.team_id != team):
            return None
        return person

    async def authorize(self, request: Request) -> Response:
        """Who are you, may it, go on: each asked only when it has to be."""
        query = dict(request.query_params)
        if wrong := self._wrong(query):
            return HTMLResponse(refusal_page(wrong), 400)
        person, team = self._signed_in(request, query.get("team")), query.get("team")
        if person is None:
            people = [held for held in self._world.directory.people.values() if held.role != "bot" and not held.deleted]
            shown = [held for held in people if not team or held.team_id == team]
            return HTMLResponse(who_page(shown, self._world.directory.teams, urlencode(query)))
        if person.id not in self.allowed:
            return HTMLResponse(consent_page(person, self._world.manifest.name, urlencode(query)))
        return self._granted(person, query)

    async def choose(self, request: Request) -> Response:
        """Sign in as somebody: the browser's cookie."""
        async with request.form() as form:
            user, query = str(form.get("user", "")), str(form.get("query", ""))
        if user not in self._world.directory.people:
            return HTMLResponse(refusal_page("No such person"), 400)
        answer = RedirectResponse(f"/openid/connect/authorize?{query}", 303)
        answer.set_cookie(COOKIE, user, httponly=False, samesite="lax")
        return answer

    async def allow(self, request: Request) -> Response:
        async with request.form() as form:
            query, decision = dict(parse_qsl(str(form.get("query", "")))), str(form.get("decision", ""))
        if wrong := self._wrong(query):
            return HTMLResponse(refusal_page(wrong), 400)
        person = self._signed_in(request, query.get("team"))
        if person is None:
            return RedirectResponse(f"/openid/connect/authorize?{urlencode(query)}", 303)
        if decision != "allow":
            return _back(query, error="access_denied")
        self.allowed.add(person.id)
        return self._granted(person, query)

    def _granted(self, person: Person, query: dict[str, str]) -> Response:
        code = f"{secrets.randbelow(10**12)}.{secrets.token_hex(24)}"
        self._grants[code] = Grant(
            person.id, query["redirect_uri"], query.get("nonce"), query.get("scope", ""), time.time()
        )
        return _back(query, code=code)

    async def token(self, call: Call) -> Answer:
        """Exchange a code, once. Client id and secret in the body or by Basic."""
        client_id, secret = _client(call)
        if client_id != CLIENT_ID:
            raise RefusedError("invalid_client_id")
        if not secrets.compare_digest(secret.encode(), CLIENT_SECRET.encode()):
            raise RefusedError("bad_client_secret")
        if call.args.get("grant_type", "authorization_code") != "authorization_code":
            raise RefusedError("invalid_grant_type")
        grant = self._grants.get(str(call.args.get("code", "")))
        if grant is None:
            raise RefusedError("invalid_code")
        if grant.used:
            raise RefusedError("code_already_used")
        if time.time() - grant.at > CODE_SECONDS:
            raise RefusedError("code_expired")
        if call.args.get("redirect_uri") != grant.redirect_uri:
            raise RefusedError("bad_redirect_uri")
        grant.used = True
        access = "xoxp-practice-" + secrets.token_hex(16)
        self._access[access] = grant
        answer: Answer = {"access_token": access, "token_type": "Bearer"}
        token = id_token(self._claims(grant), self.keys, self._world.switches.id_token)
        return answer if token is None else answer | {"id_token": token}

    def _claims(self, grant: Grant) -> dict[str, Any]:
        person = self._world.directory.person(grant.user)
        return claims(
            issuer=self._world.base_url,
            user=person.id,
            team=person.team_id,
            nonce=grant.nonce,
            enterprise=self._world.switches.enterprise_id,
            skew=self._world.switches.clock_skew,
        )

    async def user_info(self, call: Call) -> Answer:
        grant = self._access.get(call.token or "")
        if grant is None:
            raise RefusedError("invalid_auth")
        names = ("sub", "https://slack.com/user_id", "https://slack.com/team_id")
        return {name: held for name, held in self._claims(grant).items() if name in names}

    async def jwks(self, request: Request) -> Response:
        self._world.journal.called("openid.connect.keys", {}, self._world.switches.jwks)
        if self._world.switches.jwks == "down":
            return Response("upstream connect error", 503)
        if self._world.switches.jwks == "garbage":
            return Response("<html>not a key set</html>", media_type="text/html")
        return JSONResponse(self.keys.jwks())

    async def configuration(self, request: Request) -> Response:
        base = self._world.base_url
        return JSONResponse(
            {
                "issuer": base,
                "authorization_endpoint": f"{base}/openid/connect/authorize",
                "token_endpoint": f"{base}/api/openid.connect.token",
                "userinfo_endpoint": f"{base}/api/openid.connect.userInfo",
                "jwks_uri": f"{base}/openid/connect/keys",
                "scopes_supported": ["openid", "profile", "email"],
                "response_types_supported": ["code"],
                "response_modes_supported": ["form_post"],
                "grant_types_supported": ["authorization_code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "claims_supported": ["sub", "auth_time", "iss"],
                "claims_parameter_supported": False,
                "request_parameter_supported": False,
                "request_uri_parameter_supported": True,
                "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            }
        )


def _back(query: dict[str, str], **answer: str) -> Response:
    """To the app, with its state as it was given."""
    if "state" in query:
        answer["state"] = query["state"]
    return RedirectResponse(f"{query['redirect_uri']}?{urlencode(answer)}", 302)


def _client(call: Call) -> tuple[str, str]:
    scheme, _, held = call.request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            name, _, secret = base64.b64decode(held).decode().partition(":")
        except ValueError:
            return "", ""
        return name, secret
    return str(call.args.get("client_id", "")), str(call.args.get("client_secret", ""))

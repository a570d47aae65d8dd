"""POST /oauth/token and POST /oauth/revoke (ct-api.md 1.3 to 1.7)."""

import base64
import hashlib
import hmac
from urllib.parse import unquote_plus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.ct.answers import not_found
from bot.sandbox.ct.oauth_errors import NO_STORE, OAuthError
from bot.sandbox.ct.practice import Practice
from bot.sandbox.ct.tokens import Code, TokenRow


class TokenEndpoint:
    """Exchanges codes and refresh tokens, and ends tokens."""

    def __init__(self, practice: Practice) -> None:
        self._practice = practice
        self.routes = [
            Route("/oauth/token", self.token, methods=["POST"]),
            Route("/oauth/revoke", self.revoke, methods=["POST"]),
        ]

    async def token(self, request: Request) -> Response:
        form = await _form(request)
        request.scope["practice"]["grant"] = form.get("grant_type", "")
        try:
            row = self._granted(form, _client(request, form))
        except OAuthError as error:
            return error.as_token_answer(self._practice.switches.token_error_status)
        self._practice.changed()
        request.scope["practice"]["user"] = self._practice.email_of(row.person)
        return JSONResponse(self._answer(row), headers=NO_STORE)

    def _granted(self, form: dict[str, str], client: tuple[str, str]) -> TokenRow:
        grants = {"authorization_code": self._exchange, "refresh_token": self._refresh}
        grant_type = form.get("grant_type")
        if not grant_type:
            raise OAuthError("invalid_request")
        if grant_type not in grants:
            raise OAuthError("unsupported_grant_type")
        return grants[grant_type](form, client)

    def _check_client(self, client: tuple[str, str]) -> None:
        if not self._is_client(client):
            raise OAuthError("invalid_client")

    def _is_client(self, client: tuple[str, str]) -> bool:
        application = self._practice.application
        return client[0] == application.client_id and hmac.compare_digest(
            client[1].encode(), application.secret.encode()
        )

    def _exchange(self, form: dict[str, str], client: tuple[str, str]) -> TokenRow:
        """Checks in Doorkeeper's order: what is missing, the client, then the code."""
        practice = self._practice
        if not form.get("code") or not form.get("redirect_uri"):
            raise OAuthError("invalid_request")
        self._check_client(client)
        code = practice.tokens.codes.get(form["code"])
        if code is None or practice.clock() >= code.created_at + practice.switches.code_seconds:
            raise OAuthError("invalid_grant")
        if code.access:
            self._reused(code)
            raise OAuthError("invalid_grant")
        if code.redirect_uri != form["redirect_uri"]:
            raise OAuthError("invalid_grant")
        if practice.switches.pkce and code.challenge:
            _check_verifier(code, form.get("code_verifier"))
        row = practice.tokens.issue(client_id=code.client_id, person=code.person)
        code.access = row.access
        return row

    def _reused(self, code: Code) -> None:
        first = self._practice.tokens.by_access(code.access or "")
        if first and self._practice.switches.code_reuse_revokes:
            first.revoked = True
            self._practice.changed()

    def _refresh(self, form: dict[str, str], client: tuple[str, str]) -> TokenRow:
        """Here Doorkeeper (all versions) looks at the token before it looks at the client."""
        if not form.get("refresh_token"):
            raise OAuthError("invalid_request")
        row = self._practice.tokens.by_refresh(form["refresh_token"])
        if row is None or row.revoked:
            raise OAuthError("invalid_grant")
        self._check_client(client)
        return self._practice.tokens.refreshed(row)

    def _answer(self, row: TokenRow) -> dict[str, str | int]:
        switches = self._practice.switches
        answer: dict[str, str | int] = {
            "access_token": row.access,
            "token_type": switches.token_type,
            "expires_in": row.expires_in,
            "created_at": int(row.created_at + switches.created_at_skew),
        }
        if row.refresh:
            answer["refresh_token"] = row.refresh
        return answer

    async def revoke(self, request: Request) -> Response:
        mode = self._practice.switches.revoke
        if mode == "absent":
            raise not_found()
        form = await _form(request)
        token = form.get("token", "")
        row = self._practice.tokens.by_access(token) or self._practice.tokens.by_refresh(token)
        if not self._may_revoke(request, form, row):
            if mode == "client_403":
                error = {
                    "error": "unauthorized_client",
                    "error_description": "You are not authorized to revoke this token",
                }
                return JSONResponse(error, 403)
        elif row:
            row.revoked = True
            request.scope["practice"]["user"] = self._practice.email_of(row.person)
            self._practice.changed()
        return JSONResponse({}, headers=NO_STORE)

    def _may_revoke(self, request: Request, form: dict[str, str], row: TokenRow | None) -> bool:
        """By the client's credentials (Doorkeeper 4.2+), or a live token of the same application and owner."""
        mode = self._practice.switches.revoke
        if mode != "bearer" and self._is_client(_client(request, form)):
            return True
        if mode in ("client", "client_403"):
            return False
        scheme, _, access = request.headers.get("authorization", "").partition(" ")
        caller = self._practice.tokens.by_access(access) if scheme.lower() == "bearer" else None
        if caller is None or caller.revoked or caller.is_expired(self._practice.clock()):
            return False
        return row is None or (caller.client_id, caller.person) == (row.client_id, row.person)


async def _form(request: Request) -> dict[str, str]:
    """Form or multipart fields; Rails takes the query's parameters too."""
    fields = {name: str(value) for name, value in (await request.form()).items()}
    return {**dict(request.query_params), **fields}


def _client(request: Request, form: dict[str, str]) -> tuple[str, str]:
    """The client's pair, from the body or from HTTP Basic."""
    scheme, _, sent = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            name, _, secret = base64.b64decode(sent, validate=True).decode().partition(":")
        except ValueError:
            return "", ""
        return unquote_plus(name), unquote_plus(secret)
    return form.get("client_id", ""), form.get("client_secret", "")


def _check_verifier(code: Code, verifier: str | None) -> None:
    """RFC 7636 4.6, with Doorkeeper's two errors."""
    if not verifier:
        raise OAuthError("invalid_request")
    made = verifier
    if code.method == "S256":
        made = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    if not hmac.compare_digest(made.encode(), (code.challenge or "").encode()):
        raise OAuthError("invalid_grant")

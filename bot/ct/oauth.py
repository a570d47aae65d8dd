"""CT's OAuth endpoints: Doorkeeper, of a version nobody knows (ct-api 1)."""

import re
from collections.abc import Mapping

import msgspec
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri  # type: ignore[import-untyped]

from bot.ct.api import accepted, done
from bot.ct.errors import CTNotFoundError, CTOAuthError, CTResponseError
from bot.ct.models import TokenPair
from bot.ct.refusals import clean
from bot.ct.transport import Answer, Call, Transport
from bot.ct.wire import decode

_TOKEN = re.compile(r"[\x21-\x7e]{1,4096}")
BEARER = "bearer"
_ERROR = re.compile(r"[a-z][a-z_]{0,63}")

_NONE = msgspec.Raw(b"null")


class TokenRow(msgspec.Struct):
    """The token endpoint's answer, good or bad."""

    access_token: str | None = None
    refresh_token: str | None = None
    token_type: str = BEARER
    expires_in: msgspec.Raw = _NONE  # these two only hint at the expiry:
    created_at: msgspec.Raw = _NONE  # an odd one must not cost the pair that came with it
    error: str | None = None
    error_description: str | None = None

    def pair(self) -> TokenPair:
        if not _TOKEN.fullmatch(self.access_token or "") or self.token_type.lower() != BEARER:
            raise CTResponseError("CT's answer holds no bearer token")
        if self.refresh_token and not _TOKEN.fullmatch(self.refresh_token):
            raise CTResponseError("CT's answer holds a refresh token that is none")
        return TokenPair(
            access_token=self.access_token or "",
            refresh_token=self.refresh_token or None,
            token_type=BEARER,
            expires_in=_whole(self.expires_in),
            created_at=_whole(self.created_at),
        )


class OAuth:
    """The CT application: sends people to CT, and turns codes and refresh tokens into pairs."""

    def __init__(self, transport: Transport, *, url: str, client_id: str, client_secret: str) -> None:
        self._transport = transport
        self._url = url
        self._client = {"client_id": client_id, "client_secret": client_secret}

    def authorize_url(self, *, redirect_uri: str, state: str, code_challenge: str) -> str:
        """Where to send the browser; no scope (ct-api 1.2), PKCE S256 for the Doorkeepers that know it."""
        uri: str = prepare_grant_uri(
            f"{self._url}/oauth/authorize",
            self._client["client_id"],
            "code",
            redirect_uri=redirect_uri,
            state=state,
            code_challenge=code_challenge,
            code_challenge_method="S256",
        )
        return uri

    async def exchange(self, *, code: str, redirect_uri: str, code_verifier: str) -> TokenPair:
        """Turn a code into a pair: one POST, never repeated. Raises CTOAuthError for a refusal, else CTError."""
        form = {"grant_type": "authorization_code", "code": code}
        return await self._token(
            "oauth.exchange", form | {"redirect_uri": redirect_uri, "code_verifier": code_verifier}
        )

    async def refresh(self, refresh_token: str) -> TokenPair:
        """The next pair: one POST; whether to repeat it is the caller's decision (ct-api 1.4). Raises CTOAuthError."""
        return await self._token("oauth.refresh", {"grant_type": "refresh_token", "refresh_token": refresh_token})

    async def revoke(self, token: str, *, access_token: str | None) -> bool:
        """End a pair; False when CT has no such endpoint. Sends both proofs that Doorkeepers ask for (ct-api 1.7)."""
        headers = {"Authorization": f"Bearer {access_token}"} if access_token and _TOKEN.fullmatch(access_token) else {}
        call = Call(
            "oauth.revoke", "POST", f"{self._url}/oauth/revoke", headers=headers, form={"token": token, **self._client}
        )
        try:
            await self._transport.call(call, lambda answer: done(_unrefused(answer)))
        except CTNotFoundError:
            return False
        return True

    async def _token(self, name: str, form: Mapping[str, str]) -> TokenPair:
        call = Call(name, "POST", f"{self._url}/oauth/token", form={**form, **self._client})
        return await self._transport.call(
            call, lambda answer: decode(accepted(_unrefused(answer)).body, TokenRow).pair()
        )


def _unrefused(answer: Answer) -> Answer:
    """The answer, unless its JSON names an OAuth error; the status is not asked, it differs by version (ct-api 1.5).

    A 429 stays one, so that its Retry-After is not lost; Rails' own `"error": "Internal Server Error"` is none.
    """
    try:
        told = decode(answer.body, TokenRow)
    except CTResponseError:
        return answer
    if answer.status != 429 and told.error and _ERROR.fullmatch(told.error):
        raise CTOAuthError(
            answer.name, error=told.error, description=clean(told.error_description or ""), status=answer.status
        )
    return answer


def _whole(value: msgspec.Raw) -> int | None:
    try:
        return int(decode(value, float))
    except (CTResponseError, ValueError, OverflowError):
        return None

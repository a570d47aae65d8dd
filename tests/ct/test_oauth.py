"""CT's OAuth endpoints, for Doorkeepers old and new."""

from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response

from bot.ct import (
    CTAuthError,
    CTClient,
    CTForbiddenError,
    CTInvalidError,
    CTOAuthError,
    CTRateLimitError,
    CTResponseError,
    CTServerError,
    CTStatusError,
    TokenPair,
)
from tests.ct.conftest import Counted
from tests.ct.stub import Seen, Stub

PAIR = {
    "access_token": "a" * 64,
    "refresh_token": "b" * 64,
    "token_type": "bearer",
    "expires_in": 7200,
    "created_at": 5,
}


def form(stub: Stub, which: int = -1) -> dict[str, str]:
    return dict(parse_qsl(stub.seen[which].body.decode(), strict_parsing=True))


def test_the_authorize_url_is_encoded_and_asks_for_no_scope(client: CTClient, stub: Stub) -> None:
    url = client.oauth.authorize_url(
        redirect_uri="https://bot.example/oauth/ct/callback?a=1&b=ü", state="s&t=1/+", code_challenge="c-_h"
    )

    assert url.startswith(f"{stub.url}/oauth/authorize?")
    assert "redirect_uri=https%3A%2F%2Fbot.example%2Foauth%2Fct%2Fcallback%3Fa%3D1%26b%3D%C3%BC" in url
    assert parse_qs(urlsplit(url).query, strict_parsing=True) == {
        "client_id": ["app"],
        "response_type": ["code"],
        "redirect_uri": ["https://bot.example/oauth/ct/callback?a=1&b=ü"],
        "state": ["s&t=1/+"],
        "code_challenge": ["c-_h"],
        "code_challenge_method": ["S256"],
    }


async def test_a_code_is_exchanged_with_everything_doorkeeper_asks_for(client: CTClient, stub: Stub) -> None:
    stub.tells(PAIR)
    pair = await client.oauth.exchange(code="c0de", redirect_uri="https://bot.example/cb", code_verifier="v" * 43)

    assert pair == TokenPair(
        access_token="a" * 64, refresh_token="b" * 64, token_type="bearer", expires_in=7200, created_at=5
    )
    assert stub.asked == ["POST /oauth/token"]
    assert stub.seen[0].headers["content-type"] == "application/x-www-form-urlencoded"
    assert form(stub) == {
        "grant_type": "authorization_code",
        "code": "c0de",
        "redirect_uri": "https://bot.example/cb",
        "code_verifier": "v" * 43,
        "client_id": "app",
        "client_secret": "canary-client-secret",
    }


async def test_a_refresh_sends_the_grant_of_the_guides_prose(client: CTClient, stub: Stub) -> None:
    stub.tells(PAIR | {"token_type": "Bearer"})
    pair = await client.oauth.refresh("r3fresh")

    assert pair.token_type == "bearer"
    assert form(stub) == {
        "grant_type": "refresh_token",
        "refresh_token": "r3fresh",
        "client_id": "app",
        "client_secret": "canary-client-secret",
    }


@pytest.mark.parametrize(
    ("told", "refresh_token", "expires_in", "created_at"),
    [
        ({"access_token": "a"}, None, None, None),
        ({"access_token": "a", "refresh_token": "", "expires_in": None}, None, None, None),
        ({"access_token": "a", "expires_in": "7200", "created_at": 5.9}, None, 7200, 5),
        ({"access_token": "a", "expires_in": "soon", "created_at": {}}, None, None, None),
        ({"access_token": "a", "expires_in": True, "created_at": [1]}, None, None, None),
        ({"access_token": "a", "expires_in": "inf", "created_at": "nan"}, None, None, None),
        ({"access_token": "a", "expires_in": -1, "refresh_token": "r"}, "r", -1, None),
    ],
)
async def test_a_pair_survives_odd_hints_of_its_expiry(
    client: CTClient,
    stub: Stub,
    told: dict[str, object],
    refresh_token: str | None,
    expires_in: int | None,
    created_at: int | None,
) -> None:
    stub.tells(told)
    pair = await client.oauth.refresh("r")

    assert (pair.refresh_token, pair.expires_in, pair.created_at) == (refresh_token, expires_in, created_at)


@pytest.mark.parametrize(
    "told",
    [
        {},
        [],
        {"access_token": ""},
        {"access_token": None},
        {"access_token": 5},
        {"access_token": "a\r\nX: y"},
        {"access_token": "ä"},
        {"access_token": "a" * 5000},
        {"access_token": "a", "token_type": "mac"},
        {"access_token": "a", "refresh_token": "r\n"},
    ],
    ids=lambda told: str(told)[:40],
)
async def test_a_pair_that_could_not_be_used_is_refused(client: CTClient, stub: Stub, told: object) -> None:
    stub.tells(told)
    with pytest.raises(CTResponseError):
        await client.oauth.refresh("r")


@pytest.mark.parametrize("status", [400, 401, 403, 200, 500])
@pytest.mark.parametrize("error", ["invalid_grant", "invalid_client", "invalid_request"])
async def test_a_refusal_is_told_by_its_name_whatever_the_status(
    client: CTClient, stub: Stub, counted: Counted, status: int, error: str
) -> None:
    stub.tells({"error": error, "error_description": "The grant\r\n is <no> more." + "x" * 500}, status)
    with pytest.raises(CTOAuthError) as raised:
        await client.oauth.refresh("r")

    assert raised.value.error == error
    assert raised.value.status == status
    assert raised.value.description.startswith("The grant is <no> more.")
    assert len(raised.value.description) <= 200
    assert raised.value.maybe_acted is (status == 500)
    assert counted[0][:2] == ("oauth.refresh", error)


async def test_an_unknown_refusal_is_one_too_but_gets_no_counter_of_its_own(
    client: CTClient, stub: Stub, counted: Counted
) -> None:
    stub.tells({"error": "too_many_moons"}, 400)
    with pytest.raises(CTOAuthError, match="too_many_moons"):
        await client.oauth.refresh("r")

    assert counted[0][1] == "oauth_error"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (JSONResponse({"status": 500, "error": "Internal Server Error"}, 500), CTServerError),
        (HTMLResponse("<h1>Bad Gateway</h1>", 502), CTServerError),
        (Response(status_code=401), CTAuthError),
        (JSONResponse({"error": ""}, 400), CTInvalidError),
        (JSONResponse({"error": {"a": 1}}, 400), CTInvalidError),
        (Response(status_code=418), CTStatusError),
        (HTMLResponse("<h1>Welcome</h1>"), CTResponseError),
        (Response(status_code=204), CTResponseError),
    ],
)
async def test_trouble_of_other_kinds_is_no_refusal(
    client: CTClient, stub: Stub, answer: Response, error: type[Exception]
) -> None:
    stub.says(answer)
    with pytest.raises(error) as raised:
        await client.oauth.refresh("r")

    assert not isinstance(raised.value, CTOAuthError)
    assert len(stub.seen) == 1


async def test_a_rate_limit_keeps_its_pause(client: CTClient, stub: Stub) -> None:
    stub.tells({"error": "rate_limited"}, 429, Retry_After="7")
    with pytest.raises(CTRateLimitError) as raised:
        await client.oauth.refresh("r")

    assert raised.value.retry_after == 7


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_the_secret_follows_no_redirect(client: CTClient, stub: Stub, status: int) -> None:
    stub.says(RedirectResponse(f"{stub.url}/elsewhere", status))
    with pytest.raises(CTResponseError):
        await client.oauth.exchange(code="c", redirect_uri="https://bot.example/cb", code_verifier="v")

    assert stub.asked == ["POST /oauth/token"]


# Revoking


async def test_revoking_sends_both_proofs(client: CTClient, stub: Stub) -> None:
    assert await client.oauth.revoke("r3fresh", access_token="acc3ss")
    assert stub.asked == ["POST /oauth/revoke"]
    assert stub.seen[0].headers["authorization"] == "Bearer acc3ss"
    assert form(stub) == {"token": "r3fresh", "client_id": "app", "client_secret": "canary-client-secret"}


@pytest.mark.parametrize("access_token", [None, "", "a\nb"])
async def test_revoking_works_without_a_live_access_token(
    client: CTClient, stub: Stub, access_token: str | None
) -> None:
    stub.says(Response(status_code=200))

    assert await client.oauth.revoke("r3fresh", access_token=access_token)
    assert "authorization" not in stub.seen[0].headers


@pytest.mark.parametrize("status", [404, 405])
async def test_a_ct_that_cannot_revoke_is_told_by_false(client: CTClient, stub: Stub, status: int) -> None:
    stub.says(Response(status_code=status))

    assert not await client.oauth.revoke("r", access_token="a")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Response(status_code=403), CTForbiddenError),
        (JSONResponse({"error": "unauthorized_client"}, 403), CTOAuthError),
        (Response(status_code=503), CTServerError),
        (PlainTextResponse("<html>the dashboard</html>"), CTResponseError),
    ],
)
async def test_a_revoke_that_failed_is_never_taken_for_one_that_worked(
    client: CTClient, stub: Stub, answer: Response, error: type[Exception]
) -> None:
    stub.says(answer)
    with pytest.raises(error):
        await client.oauth.revoke("r", access_token="a")

    assert len(stub.seen) == 1


async def test_both_hosts_are_what_the_settings_say(stub: Stub) -> None:
    def answer(request: Seen) -> Response:
        return JSONResponse(PAIR if "/oauth/" in request.path else {"slug": "ana"})

    stub.answer = answer
    client = CTClient(auth_url=f"{stub.url}/id/", api_url=f"{stub.url}/api-host/", client_id="a", client_secret="b")
    await client.oauth.refresh("r")
    await client.as_user("t").me()
    await client.aclose()

    assert stub.asked == ["POST /id/oauth/token", "GET /api-host/api/v1/me.json"]

"""Rows L9 and L11: Slack's word counts only when Slack signed it, for us, for this leg, just now."""

import base64
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc.jwk import OctKey
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from bot.identity import SlackUser
from bot.sandbox.serving import serve
from bot.services.sign_in import SignInDownError, SignInRefusedError, SlackSignIn
from tests.services.issuer import CLIENT_ID, CLIENT_SECRET, NONCE, Issuer

LIFE, REST = 3600, 60


class Clock:
    """Monotonic seconds that stand still until told."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    issuer = Issuer()
    async with serve(issuer.app()) as url:
        issuer.url = url
        yield issuer


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def sign_in(issuer: Issuer, clock: Clock) -> AsyncIterator[SlackSignIn]:
    async with httpx.AsyncClient() as http:
        yield SlackSignIn(
            http=http,
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
            slack_url=issuer.url,
            api_url=f"{issuer.url}/api/",
            public_url="https://bot.example",
            deadline=0.5,
            monotonic=clock,
        )


def _query(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


async def test_the_authorize_page_is_asked_for_one_person_of_one_workspace(
    sign_in: SlackSignIn, issuer: Issuer
) -> None:
    url = sign_in.authorize_url(state="st&te", nonce="n", team="T01ACME")

    assert url.startswith(f"{issuer.url}/openid/connect/authorize?")
    assert _query(url) == {
        "response_type": "code",
        "scope": "openid",
        "client_id": CLIENT_ID,
        "redirect_uri": "https://bot.example/oauth/slack/callback",
        "state": "st&te",
        "nonce": "n",
        "team": "T01ACME",
    }


async def test_a_good_id_token_says_who_it_is(sign_in: SlackSignIn, issuer: Issuer) -> None:
    person = await sign_in.identify(code="c0de", nonce=NONCE)

    assert person == SlackUser("T01ACME", "U01ANA")
    assert issuer.forms == [
        {
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "code": "c0de",
            "redirect_uri": "https://bot.example/oauth/slack/callback",
            "grant_type": "authorization_code",
        }
    ]


async def test_a_person_of_an_enterprise_is_known_with_it(sign_in: SlackSignIn, issuer: Issuer) -> None:
    issuer.claims = {"https://slack.com/enterprise_id": "E01", "aud": [CLIENT_ID]}
    person = await sign_in.identify(code="c", nonce=NONCE)

    assert person == SlackUser("T01ACME", "U01ANA", "E01")


TAMPERED: list[dict[str, Any]] = [
    {"iss": "https://slack.com.evil.example"},
    {"iss": None},
    {"iss": ["https://slack.com"]},
    {"aud": "another-client"},
    {"aud": [CLIENT_ID, "another-client"]},
    {"aud": ["another-client"]},
    {"aud": []},
    {"aud": {"client": CLIENT_ID}},
    {"aud": None},
    {"exp": 1_700_000_000},
    {"exp": "tomorrow"},
    {"exp": None},
    {"iat": 4_000_000_000},
    {"iat": 1_700_000_000},
    {"iat": None},
    {"iat": "now"},
    {"nbf": 4_000_000_000},
    {"nonce": "another-nonce"},
    {"nonce": NONCE.upper()},
    {"nonce": ""},
    {"nonce": None},
    {"nonce": [NONCE]},
    {"https://slack.com/team_id": None},
    {"https://slack.com/team_id": ""},
    {"https://slack.com/team_id": ["T01ACME"]},
    {"https://slack.com/user_id": None},
    {"https://slack.com/user_id": 7},
    {"sub": "U02LEE"},
]


async def test_l11_an_id_token_with_any_of_these_claims_is_refused(sign_in: SlackSignIn, issuer: Issuer) -> None:
    let_in = []
    for claims in TAMPERED:
        issuer.claims = claims
        try:
            let_in.append((claims, await sign_in.identify(code="c", nonce=NONCE)))
        except SignInRefusedError:
            continue

    assert let_in == []


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


async def test_l11_an_id_token_whose_bytes_were_changed_anywhere_is_refused(
    sign_in: SlackSignIn, issuer: Issuer
) -> None:
    good = issuer.sign()
    refused = 0
    for position in range(0, len(good), 7):
        other = "A" if good[position] != "A" else "B"
        issuer.id_token = good[:position] + other + good[position + 1 :]
        with pytest.raises((SignInRefusedError, SignInDownError)):
            await sign_in.identify(code="c", nonce=NONCE)
        refused += 1

    assert refused > 50


async def test_l11_what_is_no_id_token_at_all_is_refused(sign_in: SlackSignIn, issuer: Issuer) -> None:
    for token in ["", "a", "a.b", "a.b.c", "a.b.c.d.e", "….….…", "..", "{}.{}.{}"]:
        issuer.token_answer = JSONResponse({"ok": True, "id_token": token})
        with pytest.raises(SignInRefusedError):
            await sign_in.identify(code="c", nonce=NONCE)


async def test_l11_an_unsigned_id_token_is_refused(sign_in: SlackSignIn, issuer: Issuer) -> None:
    head, body, _ = issuer.sign().split(".")
    for header in ({"alg": "none", "kid": "first"}, {"kid": "first"}, {"alg": "RS256", "kid": "first"}):
        issuer.id_token = f"{_part(header)}.{body}."
        with pytest.raises(SignInRefusedError):
            await sign_in.identify(code="c", nonce=NONCE)
    issuer.id_token = f"{head}.{body}."
    with pytest.raises(SignInRefusedError):
        await sign_in.identify(code="c", nonce=NONCE)


@pytest.mark.parametrize("algorithm", ["HS256", "RS384", "RS512", "PS256"])
async def test_l11_another_algorithm_is_refused_even_with_slacks_key(
    sign_in: SlackSignIn, issuer: Issuer, algorithm: str
) -> None:
    issuer.header = {"alg": algorithm}
    if algorithm == "HS256":
        issuer.key = OctKey.import_key(CLIENT_SECRET * 2)

    with pytest.raises(SignInRefusedError, match="algorithm"):
        await sign_in.identify(code="c", nonce=NONCE)


async def test_l11_a_key_that_only_claims_to_be_slacks_is_refused(sign_in: SlackSignIn, issuer: Issuer) -> None:
    issuer.signer, issuer.header = "second", {"kid": "first"}

    with pytest.raises(SignInRefusedError, match="signature"):
        await sign_in.identify(code="c", nonce=NONCE)


async def test_l11_an_id_token_without_a_key_id_is_refused(sign_in: SlackSignIn, issuer: Issuer) -> None:
    issuer.header = {"kid": None}

    with pytest.raises(SignInRefusedError):
        await sign_in.identify(code="c", nonce=NONCE)
    assert issuer.keys_asked == 0


async def test_l11_keys_are_asked_for_once_an_hour(sign_in: SlackSignIn, issuer: Issuer, clock: Clock) -> None:
    for _ in range(5):
        await sign_in.identify(code="c", nonce=NONCE)
        clock.now += LIFE / 5 - 1
    assert issuer.keys_asked == 1
    clock.now += 10
    await sign_in.identify(code="c", nonce=NONCE)

    assert issuer.keys_asked == 2


async def test_l11_a_new_key_is_fetched_when_first_seen_but_once_a_minute_at_most(
    sign_in: SlackSignIn, issuer: Issuer, clock: Clock
) -> None:
    await sign_in.identify(code="c", nonce=NONCE)
    issuer.signer = "second"
    for _ in range(4):
        with pytest.raises(SignInDownError):
            await sign_in.identify(code="c", nonce=NONCE)
    assert issuer.keys_asked == 1
    clock.now += REST
    issuer.published = ["second"]
    await sign_in.identify(code="c", nonce=NONCE)

    assert issuer.keys_asked == 2


async def test_l11_while_keys_cannot_be_fetched_nobody_is_let_in_and_afterwards_they_are(
    sign_in: SlackSignIn, issuer: Issuer
) -> None:
    issuer.keys_answer = PlainTextResponse("down", 503)
    with pytest.raises(SignInDownError):
        await sign_in.identify(code="c", nonce=NONCE)
    issuer.keys_answer = None

    assert (await sign_in.identify(code="c", nonce=NONCE)).user_id == "U01ANA"


ODD_KEYS: list[Any] = [
    None,
    "keys",
    [],
    [7],
    [{"kty": "oct", "kid": "first", "k": "AAAA"}],
    [{"kty": "RSA", "kid": "first"}],
    [{"kty": "RSA"}],
]


async def test_l11_odd_keys_let_nobody_in(sign_in: SlackSignIn, issuer: Issuer, clock: Clock) -> None:
    for keys in ODD_KEYS:
        issuer.keys_answer = JSONResponse({"keys": keys})
        clock.now += REST
        with pytest.raises(SignInDownError):
            await sign_in.identify(code="c", nonce=NONCE)

    assert issuer.keys_asked == len(ODD_KEYS)


ODD_ANSWERS: list[tuple[Response, type[Exception]]] = [
    (JSONResponse({"ok": False, "error": "invalid_code"}), SignInRefusedError),
    (JSONResponse({"ok": True}), SignInRefusedError),
    (JSONResponse({"ok": "true", "id_token": "a.b.c"}), SignInRefusedError),
    (JSONResponse({"ok": True, "id_token": 7}), SignInRefusedError),
    (JSONResponse(["ok"]), SignInDownError),
    (PlainTextResponse("<html>maintenance</html>"), SignInDownError),
    (PlainTextResponse(b"\xff\xfe"), SignInDownError),
    (PlainTextResponse("{}", 429), SignInDownError),
    (PlainTextResponse("{}", 500), SignInDownError),
    (PlainTextResponse("x" * 300_000), SignInDownError),
]


async def test_l11_an_odd_answer_of_the_token_endpoint_closes_the_door(sign_in: SlackSignIn, issuer: Issuer) -> None:
    for answer, error in ODD_ANSWERS:
        issuer.token_answer = answer
        with pytest.raises(error):
            await sign_in.identify(code="c", nonce=NONCE)


async def test_l9_a_redirect_of_the_token_endpoint_is_not_followed(sign_in: SlackSignIn, issuer: Issuer) -> None:
    for status in (301, 302, 307, 308):
        issuer.token_answer = RedirectResponse(f"{issuer.url}/api/openid.connect.token?again", status)
        with pytest.raises(SignInDownError, match=str(status)):
            await sign_in.identify(code="c", nonce=NONCE)

    assert len(issuer.forms) == 4


async def test_l11_a_slack_that_does_not_answer_is_given_up_in_time() -> None:
    async with httpx.AsyncClient() as http:
        sign_in = SlackSignIn(
            http=http,
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
            slack_url="http://127.0.0.1:9",
            api_url="http://127.0.0.1:9/api",
            public_url="https://bot.example",
        )
        with pytest.raises(SignInDownError) as caught:
            await sign_in.identify(code="c", nonce=NONCE)

    assert CLIENT_SECRET not in repr(caught.getrepr(chain=True))

"""Sign in with Slack, and the browser that walks it."""

import json
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pytest_mock import MockerFixture

from bot.sandbox.browser import Browser, LostError
from bot.sandbox.slack.credentials import CLIENT_ID, CLIENT_SECRET
from bot.sandbox.slack.id_tokens import KINDS, claims, id_token
from bot.sandbox.slack.signing_keys import SigningKeys
from tests.sandbox.slack_app_under_test import Stage, stage

CALLBACK = "http://127.0.0.1:1/oauth/slack/callback"


def authorize_url(held: Stage, **changes: str | None) -> str:
    query: dict[str, str | None] = {
        "client_id": CLIENT_ID,
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "scope": "openid",
        "state": "s&t",
        "nonce": "n1",
        "team": "T01ACME",
    }
    kept = {name: value for name, value in (query | changes).items() if value is not None}
    return f"{held.url}/openid/connect/authorize?{urlencode(kept)}"


async def walk(browser: Browser, url: str, *buttons: str) -> dict[str, str]:
    """Open, press, and return what the app's callback would get."""
    browser.http.follow_redirects = False
    response = await browser.http.get(url)
    browser._read(response)
    for label in buttons:
        page = await browser.press(label)
        if page.status == 303:
            await browser.open(str(httpx.URL(url).join(page.headers["location"])))
    location = urlsplit(browser.page.headers["location"])
    assert f"{location.scheme}://{location.netloc}{location.path}" == CALLBACK
    return {name: values[0] for name, values in parse_qs(location.query).items()}


async def code_for(held: Stage, *, user: str = "U01ANA") -> str:
    async with Browser() as browser:
        return (await walk(browser, authorize_url(held), user, "Allow"))["code"]


async def exchange(held: Stage, code: str, **changes: str) -> dict[str, Any]:
    fields = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "code": code, "redirect_uri": CALLBACK}
    return dict((await held.slack.http.post("/api/openid.connect.token", data=fields | changes)).json())


async def test_a_stranger_says_who_they_are_allows_once_and_comes_back_with_a_code() -> None:
    async with stage() as held, Browser() as browser:
        first = await walk(browser, authorize_url(held), "U01ANA", "Allow")
        second = await walk(browser, authorize_url(held, state="again"))

        assert first["state"] == "s&t"
        assert second["state"] == "again"
        assert first["code"] != second["code"]


async def test_whoever_cancels_comes_back_with_access_denied() -> None:
    async with stage() as held, Browser() as browser:
        answer = await walk(browser, authorize_url(held), "U01ANA", "Cancel")

        assert answer == {"error": "access_denied", "state": "s&t"}


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": CALLBACK + "/"},
        {"redirect_uri": "https://evil.example/callback"},
        {"client_id": "1.2"},
        {"response_type": "token"},
        {"scope": "email"},
        {"redirect_uri": None},
    ],
)
async def test_a_wrong_request_is_a_page_and_never_a_redirect(changes: dict[str, str | None]) -> None:
    async with stage() as held, httpx.AsyncClient(trust_env=False) as http:
        answer = await http.get(authorize_url(held, **changes))

        assert answer.status_code == 400
        assert "location" not in answer.headers


async def test_only_people_of_the_hinted_workspace_are_offered() -> None:
    async with stage() as held, Browser() as browser:
        acme = await browser.open(authorize_url(held))
        orbit = await browser.open(authorize_url(held, team="T02ORBIT"))
        anywhere = await browser.open(authorize_url(held, team=None))

        assert "Zoe" not in acme.text
        assert "Ana" not in orbit.text
        assert "Zoe" in anywhere.text
        assert "Ana" in anywhere.text


async def test_the_id_token_says_who_for_whom_and_with_which_nonce() -> None:
    async with stage() as held:
        answer = await exchange(held, await code_for(held))
        keys = KeySet.import_key_set((await held.slack.http.get("/openid/connect/keys")).json())
        token = jwt.decode(answer["id_token"], keys, algorithms=["RS256"])

        said = token.claims
        assert token.header["kid"] == keys.keys[0].kid
        assert (said["iss"], said["aud"], said["nonce"]) == (held.url, CLIENT_ID, "n1")
        assert said["sub"] == said["https://slack.com/user_id"] == "U01ANA"
        assert said["https://slack.com/team_id"] == "T01ACME"
        assert said["exp"] > said["iat"]


async def test_a_code_is_good_once() -> None:
    async with stage() as held:
        code = await code_for(held)
        await exchange(held, code)

        assert (await exchange(held, code))["error"] == "code_already_used"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code": "nonsense"}, "invalid_code"),
        ({"client_secret": "guess"}, "bad_client_secret"),
        ({"client_id": "1.2"}, "invalid_client_id"),
        ({"redirect_uri": "https://evil.example/"}, "bad_redirect_uri"),
        ({"grant_type": "password"}, "invalid_grant_type"),
    ],
)
async def test_a_wrong_exchange_is_refused_and_leaves_the_code_alone(changes: dict[str, str], error: str) -> None:
    async with stage() as held:
        code = await code_for(held)

        assert await exchange(held, **({"code": code} | changes)) == {"ok": False, "error": error}
        assert (await exchange(held, code))["ok"] is True


async def test_the_client_may_authenticate_by_basic() -> None:
    async with stage() as held, httpx.AsyncClient(trust_env=False, auth=(CLIENT_ID, CLIENT_SECRET)) as http:
        data = {"code": await code_for(held), "redirect_uri": CALLBACK, "grant_type": "authorization_code"}
        answer = await http.post(f"{held.url}/api/openid.connect.token", data=data)

        assert answer.json()["ok"] is True


KEYS = SigningKeys()


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("good", "missing")])
def test_every_tampered_token_is_one_that_a_careful_reader_refuses(kind: str) -> None:
    good = claims(issuer="https://slack.test", user="U01ANA", team="T01ACME", nonce="n1", enterprise=None)
    token = id_token(good, KEYS, kind)
    assert token is not None
    try:
        read = jwt.decode(token, KeySet.import_key_set(KEYS.jwks()), algorithms=["RS256"])  # type: ignore[arg-type]
    except (JoseError, ValueError):
        return

    said = read.claims
    wrong = [name for name, value in good.items() if name not in ("exp", "iat") and said.get(name) != value]
    stale = said["exp"] < good["iat"] or said["iat"] > good["iat"]
    assert wrong or stale or "kid" not in read.header


async def test_the_switch_decides_which_token_is_given() -> None:
    async with stage() as held:
        await held.slack.turn(id_token="garbage")
        garbage = await exchange(held, await code_for(held))
        await held.slack.turn(id_token="missing")
        missing = await exchange(held, await code_for(held, user="U02LEE"))

        assert garbage["id_token"] == "not.a.token"
        assert "id_token" not in missing


async def test_the_access_token_tells_the_same_person_again() -> None:
    async with stage() as held:
        answer = await exchange(held, await code_for(held))
        held.client.token = answer["access_token"]
        told = await held.client.openid_connect_userInfo()
        stranger = await held.slack.http.post("/api/openid.connect.userInfo")

        assert told["https://slack.com/user_id"] == "U01ANA"
        assert stranger.json()["error"] == "invalid_auth"


async def test_forms_that_no_page_offered_lead_nowhere() -> None:
    async with stage() as held:
        nobody = await held.slack.http.post("/openid/connect/signin", data={"user": "U99", "query": ""})
        wrong = await held.slack.http.post("/openid/connect/allow", data={"query": "client_id=1", "decision": "allow"})
        query = urlsplit(authorize_url(held)).query
        unsigned = await held.slack.http.post("/openid/connect/allow", data={"query": query, "decision": "allow"})

        assert (nobody.status_code, wrong.status_code, unsigned.status_code) == (400, 400, 303)
        assert unsigned.headers["location"].startswith("/openid/connect/authorize?")


async def test_a_code_expires(mocker: MockerFixture) -> None:
    async with stage() as held:
        code = await code_for(held)
        mocker.patch("bot.sandbox.slack.sign_in.CODE_SECONDS", -1)

        assert (await exchange(held, code))["error"] == "code_expired"


async def test_a_broken_basic_header_is_nobody() -> None:
    async with stage() as held:
        headers = {"Authorization": "Basic !!!"}
        answer = await held.slack.http.post("/api/openid.connect.token", data={"code": "x"}, headers=headers)
        await held.slack.turn(jwks="garbage")
        keys = await held.slack.http.get("/openid/connect/keys")

        assert answer.json()["error"] == "invalid_client_id"
        assert keys.headers["content-type"].startswith("text/html")


async def test_keys_can_be_rolled_and_can_be_out_of_reach() -> None:
    async with stage() as held:
        before = (await held.slack.http.get("/openid/connect/keys")).json()
        rolled = await held.slack.tell("/_practice/roll_keys", {})
        after = (await held.slack.http.get("/openid/connect/keys")).json()
        await held.slack.turn(jwks="down")
        down = await held.slack.http.get("/openid/connect/keys")

        assert before["keys"][0]["kid"] != after["keys"][0]["kid"] == rolled["kid"]
        assert "d" not in after["keys"][0]
        assert down.status_code == 503


async def test_the_configuration_names_this_server() -> None:
    async with stage() as held:
        told = (await held.slack.http.get("/.well-known/openid-configuration")).json()

        assert told["issuer"] == held.url
        assert told["token_endpoint"] == f"{held.url}/api/openid.connect.token"
        assert json.dumps(told).count(held.url) == 5


async def test_a_lost_browser_says_what_is_on_the_page() -> None:
    async with stage() as held, Browser() as browser:
        await browser.open(authorize_url(held))
        with pytest.raises(LostError, match="Ana Oliveira"):
            await browser.press("Authorize")

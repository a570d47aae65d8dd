"""OAuth at the practice CT, as Doorkeeper behaves (ct-api.md section 1)."""

import asyncio
import base64
import hashlib
import re

import httpx
import pytest

from bot.sandbox.ct import CLIENT_ID, CLIENT_SECRET
from tests.sandbox.ct_caller import ANA, CALLBACK, KIM, practising, sent_back


async def test_a_stranger_is_sent_to_sign_in_and_comes_back() -> None:
    async with practising() as caller:
        first = await caller.authorize()
        page = await caller.http.get(first.headers["location"])
        signed_in = await caller.press(page, "Ana Lindqvist")
        consent = await caller.http.get(signed_in.headers["location"])

        assert first.headers["location"].startswith("/login?return_to=")
        assert ">Allow<" in consent.text
        assert ">Deny<" in consent.text
        assert ANA in consent.text


async def test_a_wrong_password_is_refused_with_the_form_again() -> None:
    async with practising() as caller:
        answer = await caller.http.post("/login", data={"email": ANA, "password": "guess", "return_to": "/"})

        assert answer.status_code == 422
        assert "do not match" in answer.text
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("elsewhere", ["http://evil.example/", "//evil.example/", "/\\evil.example"])
async def test_signing_in_never_leads_elsewhere(elsewhere: str) -> None:
    async with practising() as caller:
        data = {"email": ANA, "password": "practice", "return_to": elsewhere}
        answer = await caller.http.post("/login", data=data)

        assert answer.headers["location"] == "/"


async def test_allow_gives_a_code_and_the_state_unchanged() -> None:
    async with practising() as caller:
        await caller.sign_in()
        back = sent_back(await caller.press(await caller.authorize(), "Allow"))

        assert back["state"] == "a b&c"
        assert set(back) == {"code", "state"}


async def test_deny_goes_back_with_access_denied() -> None:
    async with practising() as caller:
        await caller.sign_in()
        back = sent_back(await caller.press(await caller.authorize(), "Deny"))

        assert back["error"] == "access_denied"
        assert back["state"] == "a b&c"
        assert back["error_description"]


async def test_consent_is_skipped_for_somebody_with_a_live_token() -> None:
    async with practising() as caller:
        caller.ct.issue(ANA)
        await caller.sign_in()
        back = sent_back(await caller.authorize())

        assert "code" in back


async def test_consent_is_asked_again_after_disconnecting_by_hand() -> None:
    async with practising() as caller:
        row = caller.ct.issue(ANA)
        await caller.sign_in()
        await caller.press(await caller.http.get("/"), "Disconnect CT for Slack")
        consent = await caller.authorize()

        assert ">Allow<" in consent.text
        assert (await caller.refresh(row.refresh or "")).json()["error"] == "invalid_grant"


async def test_the_login_comes_before_client_and_redirect_uri_are_looked_at() -> None:
    async with practising() as caller:
        answers = [await caller.authorize(client_id="nobody"), await caller.authorize(redirect_uri=CALLBACK + "/")]

        assert [answer.headers["location"].partition("?")[0] for answer in answers] == ["/login", "/login"]


async def test_with_the_switch_they_are_looked_at_first() -> None:
    async with practising(login_first=False) as caller:
        wrong, right = await caller.authorize(redirect_uri=CALLBACK + "/"), await caller.authorize()

        assert "redirect uri" in wrong.text
        assert right.headers["location"].startswith("/login")


async def test_reauthenticate_asks_who_it_is_although_somebody_is_signed_in() -> None:
    async with practising() as caller:
        await caller.sign_in()
        answer = await caller.authorize(auth_type="reauthenticate")

        assert answer.headers["location"].startswith("/login?")
        assert "auth_type" not in answer.headers["location"]


async def test_signing_out_ends_the_session_and_keeps_the_way_back() -> None:
    async with practising() as caller:
        await caller.sign_in()
        consent = await caller.authorize()
        link = re.search(r'href="(/logout[^"]*)"', consent.text)
        assert link
        answer = await caller.http.get(link[1].replace("&amp;", "&"))

        assert answer.headers["location"].startswith("/login?return_to=%2Foauth%2Fauthorize")
        assert (await caller.authorize()).headers["location"].startswith("/login")


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"client_id": "somebody-else"}, "unknown client"),
        ({"redirect_uri": CALLBACK + "/"}, "redirect uri"),
        ({"redirect_uri": "https://evil.example/oauth/ct/callback"}, "redirect uri"),
        ({"redirect_uri": None}, "redirect uri"),
    ],
)
async def test_a_wrong_client_or_redirect_uri_is_shown_and_not_redirected(
    params: dict[str, str | None], sentence: str
) -> None:
    async with practising() as caller:
        await caller.sign_in()
        answer = await caller.authorize(**params)

        assert answer.status_code in (400, 401)
        assert answer.headers["content-type"].startswith("text/html")
        assert sentence in answer.text
        assert "location" not in answer.headers


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "invalid_request"),
        ({"scope": "everything"}, "invalid_scope"),
        ({"code_challenge": "x", "code_challenge_method": "S512"}, "invalid_request"),
    ],
)
async def test_other_mistakes_are_redirected_with_the_state(params: dict[str, str | None], error: str) -> None:
    async with practising() as caller:
        await caller.sign_in()
        back = sent_back(await caller.authorize(**params))

        assert back["error"] == error
        assert back["state"] == "a b&c"


async def test_a_forged_consent_form_is_refused() -> None:
    async with practising() as caller:
        await caller.sign_in()
        form = {"client_id": CLIENT_ID, "redirect_uri": CALLBACK, "response_type": "code", "authenticity_token": "x"}
        answer = await caller.http.post("/oauth/authorize", data=form)
        caller.http.cookies.clear()
        nobody = await caller.http.post("/oauth/authorize", data=form)

        assert answer.status_code == 422
        assert nobody.headers["location"] == "/login"


async def test_a_code_becomes_a_pair_of_64_hex_characters() -> None:
    async with practising(expires_in=300) as caller:
        answer = await caller.exchange(await caller.code())
        pair = answer.json()

        assert answer.status_code == 200
        assert re.fullmatch(r"[0-9a-f]{64}", pair["access_token"])
        assert re.fullmatch(r"[0-9a-f]{64}", pair["refresh_token"])
        assert pair["token_type"] == "bearer"
        assert pair["expires_in"] == 300
        assert pair["created_at"] == 1_800_000_000
        assert answer.headers["cache-control"] == "no-store"
        assert (await caller.me(pair["access_token"])).json()["email"] == ANA


async def test_the_token_endpoint_takes_multipart_and_basic() -> None:
    async with practising() as caller:
        fields = {"grant_type": "authorization_code", "redirect_uri": CALLBACK}
        secret = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        parts = {name: (None, value) for name, value in {**fields, **secret, "code": await caller.code()}.items()}
        multipart = await caller.http.post("/oauth/token", files=parts)
        basic = await caller.http.post(
            "/oauth/token", data={**fields, "code": await caller.code()}, auth=(CLIENT_ID, CLIENT_SECRET)
        )
        garbled = await caller.http.post(
            "/oauth/token", data={**fields, "code": "0"}, headers=[(b"Authorization", "Basic §".encode())]
        )

        assert multipart.status_code == 200
        assert basic.status_code == 200
        assert garbled.json()["error"] == "invalid_client"


async def test_a_code_works_once() -> None:
    async with practising() as caller:
        code = await caller.code()
        pair = (await caller.exchange(code)).json()
        again = await caller.exchange(code)

        assert again.json()["error"] == "invalid_grant"
        assert (await caller.me(pair["access_token"])).status_code == 200


async def test_a_code_used_twice_costs_the_first_token_in_new_doorkeepers() -> None:
    async with practising(code_reuse_revokes=True) as caller:
        code = await caller.code()
        pair = (await caller.exchange(code)).json()
        await caller.exchange(code)

        assert (await caller.me(pair["access_token"])).status_code == 401


async def test_a_code_lives_ten_minutes() -> None:
    async with practising() as caller:
        code = await caller.code()
        caller.clock.now += 600

        assert (await caller.exchange(code)).json()["error"] == "invalid_grant"


async def test_a_code_is_bound_to_its_redirect_uri() -> None:
    async with practising() as caller:
        caller.ct.practice.application.redirect_uris.append("http://127.0.0.1:9/other")
        fields = {"grant_type": "authorization_code", "code": await caller.code()}
        other = await caller.token(**fields, redirect_uri="http://127.0.0.1:9/other")
        none = await caller.token(**fields)

        assert other.json()["error"] == "invalid_grant"
        assert none.json()["error"] == "invalid_request"


async def test_pkce_is_verified_when_the_switch_is_on() -> None:
    verifier = "v" * 50
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    async with practising() as caller:
        code = await caller.code(code_challenge=challenge, code_challenge_method="S256")
        missing = await caller.exchange(code)
        wrong = await caller.exchange(code, code_verifier="w" * 50)
        right = await caller.exchange(code, code_verifier=verifier)
        plain = await caller.exchange(await caller.code(code_challenge=verifier), code_verifier=verifier)

        assert missing.json()["error"] == "invalid_request"
        assert wrong.json()["error"] == "invalid_grant"
        assert right.status_code == 200
        assert plain.status_code == 200


async def test_pkce_means_nothing_when_the_switch_is_off() -> None:
    async with practising(pkce=False) as caller:
        code = await caller.code(code_challenge="c", code_challenge_method="S256")

        assert (await caller.exchange(code)).status_code == 200


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "password", "username": ANA, "password": "practice"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "0" * 64}, "invalid_grant"),
        ({"grant_type": "authorization_code", "code": "0" * 64, "redirect_uri": CALLBACK}, "invalid_grant"),
        (
            {
                "grant_type": "authorization_code",
                "code": "0" * 64,
                "redirect_uri": CALLBACK,
                "client_secret": "wrong",
            },
            "invalid_client",
        ),
        # Doorkeeper looks at a refresh token before it looks at the client: a made-up one proves no secret.
        ({"grant_type": "refresh_token", "refresh_token": "0" * 64, "client_secret": "wrong"}, "invalid_grant"),
    ],
)
@pytest.mark.parametrize("status", [401, 400])
async def test_token_errors_carry_their_name_whatever_the_status(
    fields: dict[str, str], error: str, status: int
) -> None:
    async with practising(token_error_status=status) as caller:
        answer = await caller.token(**fields)

        assert answer.status_code == (401 if error == "invalid_client" else status)
        assert answer.json()["error"] == error
        assert f'error="{error}"' in answer.headers["www-authenticate"]
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["pragma"] == "no-cache"


async def test_an_immediate_refresh_ends_the_old_pair_at_once() -> None:
    async with practising(refresh_mode="immediate") as caller:
        old = caller.ct.issue(ANA)
        new = (await caller.refresh(old.refresh or "")).json()

        assert (await caller.me(old.access)).status_code == 401
        assert (await caller.refresh(old.refresh or "")).json()["error"] == "invalid_grant"
        assert (await caller.me(new["access_token"])).status_code == 200


async def test_a_refresh_on_use_can_be_repeated_until_the_new_token_is_used() -> None:
    async with practising(refresh_mode="on_use") as caller:
        old = caller.ct.issue(ANA)
        await caller.refresh(old.refresh or "")  # its answer was lost, say
        still = await caller.me(old.access)
        new = (await caller.refresh(old.refresh or "")).json()
        await caller.me(new["access_token"])

        assert still.status_code == 200
        assert (await caller.me(old.access)).status_code == 401
        assert (await caller.refresh(old.refresh or "")).json()["error"] == "invalid_grant"
        assert (await caller.me(new["access_token"])).status_code == 200


async def test_a_new_doorkeeper_spells_and_answers_differently() -> None:
    async with practising(doorkeeper="new") as caller:
        pair = (await caller.exchange(await caller.code())).json()
        error = await caller.refresh("0" * 64)

        assert pair["token_type"] == "Bearer"
        assert error.status_code == 400


async def test_a_refresh_token_may_be_left_out_and_the_clock_may_be_wrong() -> None:
    async with practising(gives_refresh_token=False, created_at_skew=-600) as caller:
        pair = (await caller.exchange(await caller.code())).json()

        assert "refresh_token" not in pair
        assert pair["created_at"] == 1_800_000_000 - 600


async def _revoke(caller_http: httpx.AsyncClient, token: str, *, client: bool, bearer: str | None) -> httpx.Response:
    fields = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET} if client else {}
    headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
    return await caller_http.post("/oauth/revoke", data={"token": token, **fields}, headers=headers)


@pytest.mark.parametrize(
    ("mode", "client", "bearer", "status", "ended"),
    [
        ("either", True, False, 200, True),
        ("either", False, True, 200, True),
        ("either", False, False, 200, False),
        ("bearer", False, True, 200, True),
        ("bearer", True, False, 200, False),
        ("client", True, False, 200, True),
        ("client", False, True, 200, False),
        ("client_403", True, False, 200, True),
        ("client_403", False, True, 403, False),
        ("absent", True, True, 404, False),
    ],
)
async def test_revoking_needs_what_the_switch_asks_for(
    mode: str, client: bool, bearer: bool, status: int, ended: bool
) -> None:
    async with practising(revoke=mode) as caller:
        row = caller.ct.issue(ANA)
        answer = await _revoke(caller.http, row.refresh or "", client=client, bearer=row.access if bearer else None)

        assert answer.status_code == status
        assert ((await caller.me(row.access)).status_code == 401) is ended
        if status == 200:
            assert answer.json() == {}


async def test_revoking_an_unknown_token_is_fine_and_anothers_needs_the_client() -> None:
    async with practising() as caller:
        ana, kim = caller.ct.issue(ANA), caller.ct.issue(KIM)
        unknown = await _revoke(caller.http, "0" * 64, client=True, bearer=None)
        await _revoke(caller.http, kim.access, client=False, bearer=ana.access)
        caller.clock.now += 8000
        await _revoke(caller.http, kim.access, client=False, bearer=kim.access)

        assert unknown.status_code == 200
        assert not kim.revoked


async def test_a_code_sent_many_times_at_once_becomes_one_pair() -> None:
    async with practising() as caller:
        code = await caller.code()
        answers = await asyncio.gather(*(caller.exchange(code) for _ in range(10)))
        count = (await caller.http.get("/_practice/log")).json()["counts"]["token"]

        assert sorted(answer.status_code for answer in answers) == [200] + [401] * 9
        assert count == {"authorization_code": 10}


async def test_a_consent_form_is_checked_again_when_it_is_sent() -> None:
    async with practising() as caller:
        await caller.sign_in()
        consent = await caller.authorize()
        caller.ct.practice.application.redirect_uris.clear()
        answer = await caller.press(consent, "Allow")

        assert answer.status_code == 401
        assert "redirect uri" in answer.text


async def test_disconnecting_needs_the_pages_own_form() -> None:
    async with practising() as caller:
        row = caller.ct.issue(ANA)
        await caller.sign_in()
        await caller.http.post("/applications/disconnect", data={"authenticity_token": "x"})
        caller.http.cookies.clear()
        stranger = await caller.http.get("/")

        assert not row.revoked
        assert "Sign in to CT" in stranger.text

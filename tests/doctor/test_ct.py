"""CT as an operator needs to know it: up, ours, and whether it will send people back."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from bot.ct import CTClient
from bot.doctor import ct
from bot.doctor.wire import Wire
from bot.sandbox.ct.app import PracticeCT
from bot.settings import Secret, Settings
from tests.doctor.answering import brief, only

Answering = Callable[..., Awaitable[str]]
Practice = tuple[PracticeCT, str]
ClientOf = Callable[[Settings], CTClient]
AWAY = "http://127.0.0.1:1"


# --- the API ------------------------------------------------------------------------------------


async def test_an_api_that_answers_is_fine_and_so_is_its_clock(wire: Wire, settings: Settings) -> None:
    assert brief(await ct.api(wire, settings)) == {"API": "fine", "Clock": "fine"}


async def test_a_clock_that_is_off_is_a_warning(wire: Wire, settings: Settings, practice_ct: Practice) -> None:
    practice_ct[0].switches.set({"clock_skew": 120})

    found = only(await ct.api(wire, settings), "Clock")

    assert found.verdict == "warning"
    assert "behind CT's" in found.seen


async def test_an_api_that_is_away_says_why(wire: Wire, settings: Settings) -> None:
    [found] = await ct.api(wire, replace(settings, ct_api_url=AWAY))

    assert (found.verdict, found.seen) == ("wrong", "does not answer: the connection was refused")
    assert f"CT_API_URL is {AWAY}" in found.todo


@pytest.mark.parametrize(("status", "said"), [(502, "fails (502)"), (404, "answers 404"), (302, "answers 302")])
async def test_an_api_that_fails_and_one_that_is_not_cts_are_told_apart(
    wire: Wire, settings: Settings, answering: Answering, status: int, said: str
) -> None:
    found = only(await ct.api(wire, replace(settings, ct_api_url=await answering(status))), "API")

    assert found.verdict == "wrong"
    assert said in found.seen


# --- the application ----------------------------------------------------------------------------


@pytest.mark.parametrize("doorkeeper", ["old", "new"])
async def test_an_application_that_ct_knows_is_fine_with_every_doorkeeper(
    settings: Settings, ct_of: ClientOf, practice_ct: Practice, doorkeeper: str
) -> None:
    practice_ct[0].switches.set({"doorkeeper": doorkeeper})

    [found] = await ct.application(ct_of(settings), settings)

    assert found.verdict == "fine"


@pytest.mark.parametrize("doorkeeper", ["old", "new"])
@pytest.mark.parametrize("change", [{"ct_client_secret": Secret("canary-wrong")}, {"ct_client_id": "canary-wrong"}])
async def test_a_wrong_id_or_secret_is_wrong_with_every_doorkeeper(
    settings: Settings, ct_of: ClientOf, practice_ct: Practice, doorkeeper: str, change: dict[str, Secret]
) -> None:
    practice_ct[0].switches.set({"doorkeeper": doorkeeper})
    wrong = replace(settings, **change)  # type: ignore[arg-type]

    [found] = await ct.application(ct_of(wrong), wrong)

    assert found.verdict == "wrong"
    assert "CT_CLIENT_ID with CT_CLIENT_SECRET (invalid_client)" in found.seen
    assert "canary" not in repr(found)


@pytest.mark.parametrize(
    ("answer", "verdict", "said"),
    [
        ((401, {"error": "invalid_request"}), "unknown", "“invalid_request”"),
        ((503, "down"), "wrong", "CT fails (503)"),
        ((404, "nothing"), "wrong", "CT answered 404"),
        ((200, "<html>"), "wrong", "something unreadable"),
        ((200, {"access_token": "a" * 64, "token_type": "bearer"}), "unknown", "a code that nobody ever got"),
    ],
)
async def test_odd_answers_of_the_token_endpoint_are_named(
    settings: Settings, ct_of: ClientOf, answering: Answering, answer: tuple[int, object], verdict: str, said: str
) -> None:
    odd = replace(settings, ct_auth_url=await answering(*answer))

    [found] = await ct.application(ct_of(odd), odd)

    assert found.verdict == verdict
    assert said in found.seen


async def test_a_token_endpoint_that_is_away_or_silent_says_so(settings: Settings, ct_of: ClientOf) -> None:
    away = replace(settings, ct_auth_url=AWAY)

    [found] = await ct.application(ct_of(away), away)

    assert found.seen == "no answer: the connection was refused"


# --- the pages ----------------------------------------------------------------------------------


async def test_a_doorkeeper_that_asks_for_the_login_first_leaves_the_callback_unknown(
    wire: Wire, settings: Settings
) -> None:
    found = await ct.pages(wire, settings)

    assert brief(found) == {"Authorize page": "fine", "Callback URL": "unknown"}
    assert "https://bot.acme.example/oauth/ct/callback" in only(found, "Callback URL").todo


async def test_a_ct_that_looks_at_the_callback_at_once_shows_that_it_is_right(
    wire: Wire, settings: Settings, practice_ct: Practice
) -> None:
    practice_ct[0].switches.set({"login_first": False})

    assert brief(await ct.pages(wire, settings)) == {"Authorize page": "fine", "Callback URL": "fine"}


@pytest.mark.parametrize("status", [400, 401])
async def test_a_callback_that_ct_refuses_is_wrong_with_what_must_stand_there(
    wire: Wire, settings: Settings, practice_ct: Practice, status: int
) -> None:
    practice_ct[0].switches.set({"login_first": False, "token_error_status": status})
    slash = replace(settings, public_url="https://bot.acme.example/")

    [found] = await ct.pages(wire, slash)

    assert (found.name, found.verdict) == ("Callback URL", "wrong")
    assert f"Put exactly {ct.callback(slash)} into" in found.todo


async def test_a_client_that_ct_does_not_know_is_wrong(wire: Wire, settings: Settings, practice_ct: Practice) -> None:
    practice_ct[0].switches.set({"login_first": False})

    [found] = await ct.pages(wire, replace(settings, ct_client_id="somebody-else"))

    assert (found.name, found.seen) == ("Authorize page", "CT does not know CT_CLIENT_ID")


@pytest.mark.parametrize(("status", "said"), [(500, "answers 500"), (404, "answers 404"), (403, "an error page (403)")])
async def test_a_page_that_is_no_login_is_wrong(
    wire: Wire, settings: Settings, answering: Answering, status: int, said: str
) -> None:
    [found] = await ct.pages(wire, replace(settings, ct_auth_url=await answering(status, "<h1>no</h1>")))

    assert (found.name, found.verdict) == ("Authorize page", "wrong")
    assert said in found.seen


async def test_a_page_that_is_away_says_why(wire: Wire, settings: Settings) -> None:
    [found] = await ct.pages(wire, replace(settings, ct_auth_url=AWAY))

    assert found.seen == "no answer: the connection was refused"


# --- revoke -------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["either", "bearer", "client", "client_403"])
async def test_a_revoke_that_exists_is_fine_however_it_answers(
    settings: Settings, ct_of: ClientOf, practice_ct: Practice, mode: str
) -> None:
    practice_ct[0].switches.set({"revoke": mode})

    [found] = await ct.revocation(ct_of(settings), settings)

    assert found.verdict == "fine"


async def test_a_revoke_that_refuses_with_403_is_there(
    settings: Settings, ct_of: ClientOf, practice_ct: Practice
) -> None:
    practice_ct[0].switches.set({"revoke": "client_403"})
    wrong = replace(settings, ct_client_secret=Secret("wrong"))

    [found] = await ct.revocation(ct_of(wrong), wrong)

    assert (found.verdict, found.seen) == ("fine", "there (it refuses a made-up token)")


async def test_no_revoke_is_a_warning_that_says_what_it_means_for_unlinking(
    settings: Settings, ct_of: ClientOf, practice_ct: Practice
) -> None:
    practice_ct[0].switches.set({"revoke": "absent"})

    [found] = await ct.revocation(ct_of(settings), settings)

    assert found.verdict == "warning"
    assert "after /ct unlink" in found.seen


async def test_nothing_at_ct_is_changed_by_any_of_it(
    wire: Wire, settings: Settings, ct_of: ClientOf, practice_ct: Practice
) -> None:
    practice, _ = practice_ct
    row = practice.issue("ana@venues.example")
    client = ct_of(settings)
    for check in (ct.application(client, settings), ct.revocation(client, settings), ct.pages(wire, settings)):
        await check

    assert not row.revoked
    assert practice.practice.tokens.codes == {}

"""Slack as an operator needs to know it: who we are, what we may do, and how people and payloads get here."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
import yaml

from bot.doctor import slack
from bot.doctor.wire import Wire
from bot.manifest import manifest, scopes
from bot.sandbox.slack import credentials
from bot.sandbox.slack.app import PracticeSlack
from bot.settings import Secret, Settings
from tests.doctor.answering import brief, only

Answering = Callable[..., Awaitable[str]]
Practice = tuple[PracticeSlack, str]
AWAY = "http://127.0.0.1:1"


async def test_a_good_token_says_who_we_are(wire: Wire, settings: Settings) -> None:
    found = await slack.token(wire, settings, scopes())

    assert brief(found) == {"Bot token": "fine", "Scopes": "fine", "Clock": "fine"}
    assert only(found, "Bot token").seen == "@ct in Acme (T01ACME)"


async def test_a_token_that_slack_does_not_know_is_wrong(wire: Wire, settings: Settings) -> None:
    found = await slack.token(wire, replace(settings, slack_bot_token=Secret("xoxb-canary")), scopes())

    assert brief(found) == {"Bot token": "wrong", "Clock": "fine"}
    assert "(invalid_auth)" in only(found, "Bot token").seen
    assert "canary" not in repr(found)


async def test_a_token_of_an_app_that_was_removed_is_wrong(
    wire: Wire, settings: Settings, practice_slack: Practice
) -> None:
    practice_slack[0].world.installations.by_token(credentials.BOT_TOKEN).alive = False

    found = await slack.token(wire, settings, scopes())

    assert "(token_revoked)" in only(found, "Bot token").seen


async def test_scopes_that_are_missing_say_what_is_lost(
    wire: Wire, settings: Settings, practice_slack: Practice
) -> None:
    held = yaml.safe_load(manifest("https://bot.acme.example"))
    held["oauth_config"]["scopes"] = {"bot": ["commands", "chat:write"], "bot_optional": ["chat:write.public"]}
    practice_slack[0].install(manifest=held)

    found = [one for one in await slack.token(wire, settings, scopes()) if one.name == "Scopes"]

    assert [(one.verdict, one.seen.split(" is not granted")[0]) for one in found] == [
        ("wrong", "im:write"),
        ("warning", "files:write"),
    ]
    assert "without it they come in messages" in found[1].seen
    assert "install the app anew" in found[0].todo


async def test_a_slack_that_names_no_scopes_leaves_them_unknown(
    wire: Wire, settings: Settings, answering: Answering
) -> None:
    url = await answering(200, {"ok": True, "user": "ct", "team": "Acme", "team_id": "T1"})

    found = await slack.token(wire, replace(settings, slack_api_url=url), scopes())

    assert brief(found)["Scopes"] == "unknown"


async def test_a_clock_that_is_off_by_more_than_a_minute_is_wrong(
    wire: Wire, settings: Settings, practice_slack: Practice
) -> None:
    practice_slack[0].world.switches.turn({"clock_skew": -400.0})

    found = only(await slack.token(wire, settings, scopes()), "Clock")

    assert found.verdict == "wrong"
    assert "ahead of Slack's" in found.seen


@pytest.mark.parametrize(
    ("answer", "verdict", "said"),
    [
        ((429, ""), "unknown", "slow down"),
        ((200, {"ok": False, "error": "ratelimited"}), "unknown", "slow down"),
        ((503, "down"), "wrong", "Slack fails (503)"),
        ((200, {"ok": False, "error": "internal_error"}), "wrong", "Slack fails (internal_error)"),
        ((200, {"ok": False, "error": "team_added_to_org"}), "unknown", "“team_added_to_org”"),
        ((404, "<html>"), "wrong", "is not Slack's API"),
    ],
)
async def test_odd_answers_of_slack_are_named(
    wire: Wire, settings: Settings, answering: Answering, answer: tuple[int, object], verdict: str, said: str
) -> None:
    odd = replace(settings, slack_api_url=await answering(*answer), slack_app_token=Secret("xapp-1"))

    found = only(await slack.token(wire, odd, scopes()), "Bot token")
    client = only(await slack.sign_in(wire, odd), "Sign in with Slack")

    assert (found.verdict, said in found.seen) == (verdict, True)
    assert (client.verdict, said in client.seen) == (verdict, True)


async def test_a_slack_that_is_away_says_why_in_every_line(wire: Wire, settings: Settings) -> None:
    away = replace(settings, slack_api_url=AWAY, slack_url=AWAY, slack_app_token=Secret("xapp-1"))

    found = [
        *await slack.token(wire, away, scopes()),
        *await slack.way_in(wire, away, inside=False),
        *await slack.sign_in(wire, away),
    ]

    assert {one.name for one in found if "the connection was refused" in one.seen} == {
        *("Bot token", "Socket Mode", "Sign in with Slack", "Slack's signing keys"),
    }


# --- the way in ---------------------------------------------------------------------------------


async def test_over_http_only_a_command_proves_the_signing_secret(wire: Wire, settings: Settings) -> None:
    outside = await slack.way_in(wire, settings, inside=False)
    inside = await slack.way_in(wire, settings, inside=True)

    assert brief(outside) == {"Signing secret": "unknown", "Interactivity": "unknown"}
    assert brief(inside) == {"Signing secret": "fine", "Interactivity": "unknown"}
    assert "https://bot.acme.example/slack/events" in only(outside, "Interactivity").todo


async def test_socket_mode_is_tried_with_the_app_token(
    wire: Wire, settings: Settings, practice_slack: Practice
) -> None:
    practice_slack[0].install(socket_mode=True)
    good = replace(settings, slack_app_token=Secret(credentials.APP_TOKEN))
    bad = replace(settings, slack_app_token=Secret("xapp-canary"))

    fine = only(await slack.way_in(wire, good, inside=False), "Socket Mode")
    wrong = only(await slack.way_in(wire, bad, inside=False), "Socket Mode")

    assert fine.verdict == "fine"
    assert (wrong.verdict, "connections:write" in wrong.todo) == ("wrong", True)
    assert "canary" not in repr(wrong)
    assert practice_slack[0].world.sockets.connections == []


async def test_an_app_that_is_not_in_socket_mode_is_said_to_be_that(wire: Wire, settings: Settings) -> None:
    found = only(
        await slack.way_in(wire, replace(settings, slack_app_token=Secret(credentials.APP_TOKEN)), inside=False),
        "Socket Mode",
    )

    assert found.verdict == "wrong"
    assert "Switch Socket Mode on" in found.todo


# --- signing in ---------------------------------------------------------------------------------


async def test_what_linking_needs_of_slack_is_there(wire: Wire, settings: Settings) -> None:
    assert brief(await slack.sign_in(wire, settings)) == {
        "Sign in with Slack": "fine",
        "Slack's signing keys": "fine",
    }


@pytest.mark.parametrize("change", [{"slack_client_id": "9.9"}, {"slack_client_secret": Secret("canary")}])
async def test_a_wrong_client_is_wrong(wire: Wire, settings: Settings, change: dict[str, Secret]) -> None:
    wrong = replace(settings, **change)  # type: ignore[arg-type]

    found = only(await slack.sign_in(wire, wrong), "Sign in with Slack")

    assert found.verdict == "wrong"
    assert "canary" not in repr(found)


@pytest.mark.parametrize("jwks", ["down", "garbage"])
async def test_missing_signing_keys_are_wrong(
    wire: Wire, settings: Settings, practice_slack: Practice, jwks: str
) -> None:
    practice_slack[0].world.switches.turn({"jwks": jwks})

    found = only(await slack.sign_in(wire, settings), "Slack's signing keys")

    assert (found.verdict, "Nobody can link" in found.todo) == ("wrong", True)


async def test_a_slack_that_calls_itself_something_else_is_wrong(
    wire: Wire, settings: Settings, practice_slack: Practice
) -> None:
    practice_slack[0].world.base_url = "https://slack.example"

    found = only(await slack.sign_in(wire, settings), "Slack's signing keys")

    assert found.verdict == "wrong"
    assert "calls itself https://slack.example" in found.seen

"""`/ct doctor`: what whoever is on call sees, also when half of the world is away."""

import signal

import pytest
from redis.asyncio import Redis

from bot.doctor.findings import About, Group
from bot.sandbox.slack import credentials
from bot.sandbox.slack.seen import Seen
from bot.slack.views import doctor as views
from bot.slack.views.parts import SHARE
from tests.slack.drawing import check, shown
from tests.slack.forged import click, deliver_to
from tests.stage import Stage, staged
from tests.valkey import ValkeyProcess

NOW = 1_790_000_000.0


def line(seen: Seen, name: str) -> str:
    """The line of the whole list about one thing."""
    [found] = [text for text in seen.text.splitlines() if f"· {name} —" in text]
    return found


async def test_what_is_wrong_comes_first_and_the_rest_is_counted(stage: Stage) -> None:
    stage.ct.practice.application.secret = "another"
    ana = stage.person("ana")

    seen = await ana.type("/ct doctor")

    assert seen.ephemeral
    first, second, *_ = seen.text.splitlines()
    assert first.startswith("1 thing is wrong, 3 warnings. ")
    assert second == "Wrong — CT: Application"
    assert "→ Copy App ID and App Secret anew" in seen.text
    assert "Not known: CT: Callback URL, Slack: Interactivity. Show All says what to try." in seen.text
    assert seen.buttons == ["Check Again", "Show All"]


async def test_all_checks_stand_behind_one_press_with_what_only_a_command_can_know(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct doctor")

    seen = await ana.click("Show All")

    assert seen.ephemeral
    assert line(seen, "Signing secret") == "Fine · Signing secret — this very command came with a good signature"
    assert line(seen, "Your link") == "Fine · Your link — CT takes it"
    assert line(seen, "Replicas").startswith("Fine · Replicas — 1 runs")
    assert line(seen, "Due work").startswith("Fine · Due work")
    assert line(seen, "Slack's requests").startswith("Fine")
    assert seen.buttons == ["Check Again", "Only Problems"]


async def test_who_has_no_link_is_told_how_to_get_one_and_everything_else(stage: Stage) -> None:
    seen = await stage.person("ana").type("/ct doctor all")

    assert line(seen, "Your link") == "Warning · Your link — you have none → Type /ct link to connect your CT account."


async def test_a_link_that_ct_ended_says_so(stage: Stage) -> None:
    ana = await stage.link()
    for row in stage.ct.practice.tokens.rows:
        row.revoked = True

    seen = await ana.type("/ct doctor all", timeout=15)

    assert line(seen, "Your link") == "Warning · Your link — CT ended it → Type /ct link to connect again."


async def test_a_ct_that_is_away_is_wrong_and_the_link_is_kept(stage: Stage) -> None:
    ana = await stage.link()
    stage.ct.faults.add(kind="status", status=503, prefix="/", times=None)

    seen = await ana.type("/ct doctor all", timeout=15)

    assert line(seen, "API").startswith("Wrong · API — fails (503)")
    assert "It is kept." in line(seen, "Your link")


async def test_it_answers_while_redis_is_away_and_its_buttons_work(stage: Stage, valkey: ValkeyProcess) -> None:
    ana = await stage.link()
    valkey.signal(signal.SIGKILL)
    try:
        other = await ana.type("/ct status")
        seen = await ana.type("/ct doctor")
        whole = await ana.click("Show All", until="Only Problems")
    finally:
        valkey.start()

    assert "/ct doctor says more." in other.text
    assert "Wrong — Redis: Server\ndoes not answer: the connection was refused\n→ Is it running" in seen.text
    assert "which does not answer → See Redis." in line(whole, "Your link")


async def test_only_its_own_buttons_are_let_past_a_store_that_is_away(stage: Stage, valkey: ValkeyProcess) -> None:
    """A click whose value is `doctor`, but which is another button's, waits for the store like any other."""
    ana = await stage.link()
    valkey.signal(signal.SIGKILL)
    try:
        await deliver_to(stage, click("ana", SHARE, "doctor"))
        told = await ana.sees("My own store does not answer.", channel="app")
    finally:
        valkey.start()

    assert "Nothing was changed." in told.text


async def test_a_forged_share_shows_it_to_nobody(stage: Stage) -> None:
    ana, lee = stage.person("ana"), stage.person("lee")
    await deliver_to(stage, click("ana", SHARE, "doctor"))

    await ana.sees("checks are fine")
    await lee.never_sees("checks are fine")


async def test_somebody_from_another_workspace_learns_nothing(stage: Stage) -> None:
    seen = await stage.person("zoe", "venues-orbit").type("/ct doctor")

    assert "Only members of this workspace can use me." in seen.text


async def test_anything_else_behind_it_is_answered_with_what_to_type(stage: Stage) -> None:
    seen = await stage.person("ana").type("/ct doctor redis please")

    assert "Type /ct doctor for what is wrong, or /ct doctor all for every check." in seen.text


async def test_in_socket_mode_the_app_token_is_tried(redis: Redis, redis_url: str) -> None:
    async with staged(redis, redis_url, locations=1, boxes=1, socket_mode=True) as stage:
        seen = await stage.person("ana").type("/ct doctor all")

    assert line(seen, "Socket Mode") == "Fine · Socket Mode — Slack gives an address to connect to"
    assert "Signing secret" not in seen.text


async def test_nothing_secret_goes_to_slack(stage: Stage) -> None:
    ana = await stage.link()
    seen = await ana.type("/ct doctor all")
    secrets = [credentials.BOT_TOKEN, credentials.SIGNING_SECRET, credentials.CLIENT_SECRET, "practice-ct-secret"]

    assert [secret for secret in secrets if secret in seen.text] == []
    assert stage.settings.redis_url not in seen.text
    assert [held for held in await stage.refusals() if held["where"] != "openid.connect.token"] == []


# --- the view -----------------------------------------------------------------------------------

LONG = "<!channel> & *all* " * 60


@pytest.mark.parametrize("view", [views.problems, views.everything])
def test_a_world_in_which_everything_is_wrong_still_fits_one_message(view: object) -> None:
    found = [About(group, f"Thing {n}").wrong(LONG, LONG) for group in Group for n in range(8)]

    text = shown(check(view(found, NOW, "0.1.0")))  # type: ignore[operator]

    assert text.startswith("*64 things are wrong*. 0 checks are fine.")
    assert "<!channel>" not in text


@pytest.mark.parametrize("view", [views.problems, views.everything])
def test_what_must_be_escaped_throughout_fits_too(view: object) -> None:
    much = "&" * 1_000
    unknown = [About(Group.CT, f"{n}{much}").unknown(much) for n in range(9)]
    found = [About(Group.REDIS, much).wrong(much, much), *unknown]

    assert "&amp;" in shown(check(view(found, NOW, "0.1.0")))  # type: ignore[operator]


def test_when_all_is_well_the_first_words_say_so() -> None:
    reply = check(views.problems([About(Group.CT, "API").fine("answers")], NOW, "0.1.0"))

    assert shown(reply).startswith("*All is well.* 1 check is fine.")
    assert reply.text == "All is well. 1 check is fine."
    assert reply.private


def test_the_notification_names_what_is_wrong() -> None:
    found = [About(Group.REDIS, "Server").wrong("away", "Start it."), About(Group.CT, "API").warning("slow", "Wait.")]

    assert views.problems(found, NOW, "1").text == (
        "1 thing is wrong, 1 warning. 0 checks are fine. Wrong: Redis: Server."
    )

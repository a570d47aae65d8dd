"""`/ct freeze`: nothing is rebooted while it stands, and every refusal says who froze, and since when."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from bot.guards import Guards
from bot.settings import Policy
from tests.stage import IDS, LOBBY, PACE, Stage, staged

ASK = "/ct reboot lobby ap-3"
YES = "Reboot Lobby AP-3"
FROZEN = "Reboots are frozen by @kim since "


@pytest.fixture
async def run_by_kim(redis: Redis, redis_url: str) -> AsyncIterator[Stage]:
    """Kim is an admin; Lobby AP-3 is guarded in no way."""
    policy = Policy(pace=PACE, requests_per_minute=100_000, guards=Guards(admins=(IDS["kim"],)))
    async with staged(redis, redis_url, policy=policy, replicas=2) as stage:
        yield stage


async def test_while_it_stands_no_question_is_asked(run_by_kim: Stage) -> None:
    ana, kim = await run_by_kim.link(), run_by_kim.person("kim")

    told = await kim.type("/ct freeze because the core switch is being replaced", until="What was sent")
    await ana.sees("@kim froze reboots: nobody can reboot, reset or upgrade a box until /ct unfreeze — the core")
    seen = await ana.type(ASK)

    assert (
        told.text
        == "Reboots, resets and upgrades are frozen. What was sent to CT before goes on. /ct unfreeze lifts it."
    )
    assert seen.text.startswith(FROZEN)
    assert seen.text.endswith(" — the core switch is being replaced. Nothing was sent.")
    assert await run_by_kim.reboots() == {}
    (row,) = [row for row in await run_by_kim.audit() if row["event"] == "reboots_frozen"]
    assert row["user"].endswith(IDS["kim"])


async def test_a_question_that_was_asked_before_it_sends_nothing(run_by_kim: Stage) -> None:
    ana, kim = await run_by_kim.link(), run_by_kim.person("kim")
    await ana.type(ASK)
    await kim.type("/ct freeze", until="What was sent")

    seen = await ana.click(YES)

    assert f"I did not reboot Lobby AP-3: {FROZEN}" in seen.text
    assert "The box was not touched." in seen.text
    assert await run_by_kim.reboots() == {}


@pytest.mark.parametrize("what", ["reset", "upgrade", "upgrade tonight"])
async def test_what_else_restarts_a_box_waits_too(run_by_kim: Stage, what: str) -> None:
    await run_by_kim.box(LOBBY, next_firmware="9.1.2")
    ana, kim = await run_by_kim.link(), run_by_kim.person("kim")
    verb, _, when = what.partition(" ")
    typed = f"/ct {verb} lobby ap-3 {when}".strip()
    await ana.type(typed, until="Lobby AP-3")
    await kim.type("/ct freeze because of a fire", until="What was sent")

    if verb == "reset":
        await ana.click("Reset")
        await ana.submit({"name": "Lobby AP-3"})
    else:
        await ana.click("Upgrade Tonight" if when else "Upgrade Now")
    seen = await ana.sees("I did not do that: ")
    again = await ana.type(typed, until="Nothing was sent.")

    assert f"I did not do that: {FROZEN}" in seen.text
    assert "— of a fire" in seen.text
    assert "Nothing was changed." in seen.text
    assert again.text.startswith(FROZEN)
    assert {row["event"] for row in await run_by_kim.audit() if row["event"].endswith("_intent")} == set()


async def test_after_it_boxes_can_be_rebooted_again(run_by_kim: Stage) -> None:
    ana, kim = await run_by_kim.link(), run_by_kim.person("kim")
    await kim.type("/ct freeze", until="What was sent")
    again = await kim.type("/ct freeze", until="It stays so")

    await kim.type("/ct unfreeze", until="Boxes can be rebooted, reset and upgraded again.")
    await ana.sees("@kim lifted the freeze: boxes can be rebooted, reset and upgraded again, after ")
    nothing = await kim.type("/ct unfreeze", until="not frozen")
    await ana.type(ASK)
    await ana.click(YES)
    await ana.sees("is rebooting")

    assert again.text.startswith(FROZEN)
    assert nothing.text == "Reboots were not frozen."
    assert await run_by_kim.reboots() == {LOBBY: 1}


@pytest.mark.parametrize("command", ["freeze", "unfreeze"])
async def test_only_admins_may(run_by_kim: Stage, command: str) -> None:
    ana, lee = await run_by_kim.link(), run_by_kim.person("lee")
    if command == "unfreeze":
        await run_by_kim.person("kim").type("/ct freeze", until="What was sent")

    seen = await lee.type(f"/ct {command}", until="Only admins")
    asked = await ana.type(ASK, until="Nothing was sent" if command == "unfreeze" else "Reboot Lobby")

    assert seen.text.startswith("Only admins of this bot may freeze reboots")
    assert asked.text.startswith(FROZEN if command == "unfreeze" else "Reboot Lobby AP-3")


async def test_without_its_store_nobody_knows_whether_reboots_are_frozen_and_nothing_is_sent(run_by_kim: Stage) -> None:
    ana = await run_by_kim.link()
    await ana.type(ASK)
    await run_by_kim.redis.delete("ct:freeze:{all}")
    await run_by_kim.redis.hset("ct:freeze:{all}", "not", "a string")  # every read of it fails

    await ana.click(YES)

    assert await run_by_kim.reboots() == {}

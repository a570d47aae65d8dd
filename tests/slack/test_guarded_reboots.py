"""Protected boxes and quiet hours: a typed name and a second person, or nothing is sent (row R9)."""

from collections.abc import AsyncIterator
from datetime import time as clock_time
from zoneinfo import ZoneInfo

import pytest
from redis.asyncio import Redis

from bot.guards import Guards, QuietHours
from bot.sandbox.slack.looking import NotSeenError
from bot.sandbox.slack.person import Person
from bot.settings import Policy
from bot.slack.views.reboot import APPROVE, CONFIRM
from bot.stores.due import DueQueue
from tests.slack.forged import click, deliver_to
from tests.stage import LOBBY, PACE, Stage, staged

ASK = "/ct reboot lobby ap-3 because guests cannot log in"
YES, APPROVAL = "Reboot Lobby AP-3", "Approve Rebooting Lobby AP-3"
WANTS = "@ana wants to reboot Lobby AP-3 (Café Nord) — guests cannot log in"
UTC = ZoneInfo("UTC")
ALWAYS = QuietHours(begins=clock_time(0), ends=clock_time(23, 59), zone=UTC)


def policy_of(guards: Guards) -> Policy:
    return Policy(pace=PACE, requests_per_minute=100_000, guards=guards)


@pytest.fixture
async def guarded(redis: Redis, redis_url: str) -> AsyncIterator[Stage]:
    """Café Nord is protected."""
    policy = policy_of(Guards(protected_locations=("Café Nord",)))
    async with staged(redis, redis_url, policy=policy) as stage:
        yield stage


async def asked(stage: Stage, typed: str = "Lobby AP-3") -> Person:
    """Ana, who wants to reboot it and has typed its name."""
    ana = await stage.link()
    await ana.type(ASK)
    await ana.click(YES)
    await ana.submit({"typed": typed})
    return ana


async def op_id_of(stage: Stage) -> str:
    (key,) = await stage.keys("ct:op:*")
    return key.partition("{")[2].rstrip("}")


async def forged(stage: Stage, name: str, action: str) -> None:
    assert (await deliver_to(stage, click(name, action, await op_id_of(stage)))).status_code == 200


async def test_r9_a_protected_box_needs_its_name_and_a_second_person(guarded: Stage) -> None:
    lee = await guarded.link("lee")
    ana = await guarded.link()
    card = await ana.type(ASK)
    await ana.click(YES)
    await ana.submit({"typed": "lobby ap-3"})
    public = await lee.sees(WANTS)
    before = await guarded.reboots()

    await lee.click(APPROVAL)

    back = await ana.sees("Lobby AP-3 is back.", timeout=15)
    assert "It needs its name typed, and a second person's yes: its location is protected." in card.text
    assert "Anybody but @ana whose own CT account shows it can approve, until" in public.text
    assert before == {}
    assert back.id == public.id
    assert "Rebooted by @ana, approved by @lee — guests cannot log in" in back.text
    assert await guarded.reboots() == {LOBBY: 1}
    rows = [row for row in await guarded.audit() if row["event"].startswith("reboot_")]
    assert [row["event"] for row in rows][:3] == ["reboot_awaits_second", "reboot_approved", "reboot_intent"]
    assert rows[1]["approved_by"].endswith("U02LEE")
    assert rows[2]["acting_as"] == "ana@venues.example"
    assert await guarded.refusals() == []


async def test_r9_the_requester_is_no_second_person(guarded: Stage) -> None:
    ana = await asked(guarded)
    await ana.sees(WANTS)

    await ana.click(APPROVAL)

    await ana.sees("You asked for this yourself, so somebody else has to approve it. Nothing was changed.")
    assert await guarded.reboots() == {}
    assert "reboot_own_approval" in [row["event"] for row in await guarded.audit()]


async def test_r9_a_wrong_name_leaves_the_question_open(guarded: Stage) -> None:
    ana = await guarded.link()
    await ana.type(ASK)
    await ana.click(YES)

    with pytest.raises(NotSeenError, match="That is not its name"):
        await ana.submit({"typed": "Lobby AP-4"})
    await ana.submit({"typed": "Lobby AP-3"})

    await ana.sees(WANTS)
    assert await guarded.reboots() == {}


async def test_r9_a_forged_plain_confirmation_of_a_protected_box_sends_nothing(guarded: Stage) -> None:
    ana = await guarded.link()
    await ana.type(ASK)

    await forged(guarded, "ana", CONFIRM)

    await ana.sees("Lobby AP-3 needs its name typed and a second person: its location is protected.")
    assert await guarded.reboots() == {}


async def test_r9_approving_before_the_name_was_typed_sends_nothing(guarded: Stage) -> None:
    ana, lee = await guarded.link(), await guarded.link("lee")
    await ana.type(ASK)

    await forged(guarded, "lee", APPROVE)

    await lee.sees("This question was answered already, so nothing more was sent.")
    assert await guarded.reboots() == {}


async def test_r9_whoever_is_not_linked_cannot_approve(guarded: Stage) -> None:
    await asked(guarded)
    gus = guarded.person("gus")
    await gus.sees(WANTS)

    await gus.click(APPROVAL)

    await gus.sees("For that I need your CT account.")
    assert await guarded.reboots() == {}


async def test_r9_whoever_does_not_see_the_box_at_ct_cannot_approve(guarded: Stage) -> None:
    await asked(guarded)
    kim = await guarded.link("kim", account="oleg@cafes.example")

    await kim.click(APPROVAL)

    await kim.sees("Your own CT account does not show you this, so you cannot approve it.")
    assert await guarded.reboots() == {}


async def test_r9_two_approvals_are_one_call(guarded: Stage) -> None:
    await asked(guarded)
    lee, kim = await guarded.link("lee"), await guarded.link("kim")
    await lee.sees(WANTS)

    await lee.click(APPROVAL, wait=False)
    await forged(guarded, "kim", APPROVE)
    await kim.sees("is back", timeout=15)

    assert await guarded.reboots() == {LOBBY: 1}


async def test_a_question_to_a_second_person_that_a_dead_replica_did_not_show_is_shown(guarded: Stage) -> None:
    ana, lee = await guarded.link(), await guarded.link("lee")
    await ana.type(ASK)
    op_id = await op_id_of(guarded)
    await guarded.redis.hset(f"ct:op:{{{op_id}}}", "state", "awaiting")
    await DueQueue(guarded.redis).add("reboot", op_id, op_id.encode(), delay=0.0)

    await lee.sees(WANTS)
    await lee.click(APPROVAL)

    await lee.sees("You approved it, but it was not sent: Lobby AP-3 needs its name typed")
    assert await guarded.reboots() == {}


async def test_an_approved_reboot_whose_replica_died_before_it_was_sent_ends_in_words(guarded: Stage) -> None:
    ana = await asked(guarded)
    await ana.sees(WANTS)
    op_id = await op_id_of(guarded)
    await guarded.redis.hset(f"ct:op:{{{op_id}}}", "state", "confirmed")
    await DueQueue(guarded.redis).add("reboot", op_id, op_id.encode(), delay=0.0)

    card = await ana.sees("It was not sent: I was cut off. The box was not touched.")
    await ana.sees("The reboot of Lobby AP-3 was not sent: I was cut off.", channel="app")

    assert card.buttons == []
    assert await guarded.reboots() == {}


async def test_anybody_may_call_it_off(guarded: Stage) -> None:
    await asked(guarded)
    gus = guarded.person("gus")
    await gus.sees(WANTS)

    await gus.click("Call It Off")

    seen = await gus.sees("Called off by @gus. The box was not touched.")
    assert seen.buttons == []
    assert await guarded.reboots() == {}


async def test_where_nobody_else_sees_the_question_it_ends(guarded: Stage) -> None:
    ana = (await guarded.link()).go("app")
    await ana.type(ASK, until="Reboot Lobby AP-3")
    await ana.click(YES)

    await ana.submit({"typed": "Lobby AP-3"})

    await ana.sees("no second person can see the question")
    assert await guarded.reboots() == {}


async def test_an_approval_that_nobody_gives_expires(guarded: Stage) -> None:
    ana = await asked(guarded)
    lee = await guarded.link("lee")
    await lee.sees(WANTS)
    await guarded.redis.hset(f"ct:op:{{{await op_id_of(guarded)}}}", "expires", "1")

    await lee.click(APPROVAL)

    await lee.sees("That question expired. Nothing was sent.")
    await ana.sees("Nobody approved it in time. The box was not touched.", timeout=10)
    assert await guarded.reboots() == {}


async def test_what_changed_at_ct_before_the_approval_counts(guarded: Stage) -> None:
    ana = await asked(guarded)
    lee = await guarded.link("lee")
    await guarded.box(LOBBY, state="offline")

    await lee.click(APPROVAL)

    await lee.sees("You approved it, but it was not sent: Lobby AP-3 is offline")
    card = await ana.sees("It was not sent: Lobby AP-3 is offline: it cannot hear us.")
    assert card.buttons == []
    assert await guarded.reboots() == {}


async def test_a_tag_protects_a_box_from_the_click_on(redis: Redis, redis_url: str) -> None:
    async with staged(redis, redis_url, policy=policy_of(Guards(protected_tags=("core",)))) as stage:
        ana = await stage.link()
        card = await ana.type(ASK)
        await stage.box(LOBBY, tags="Core")

        seen = await ana.click(YES)

        assert "second person" not in card.text
        assert "Lobby AP-3 needs its name typed and a second person: its tag “Core” is protected." in seen.text
        assert await stage.reboots() == {}


async def test_quiet_hours_ask_for_a_second_person(redis: Redis, redis_url: str) -> None:
    async with staged(redis, redis_url, policy=policy_of(Guards(quiet_hours=(ALWAYS,)))) as stage:
        ana = await asked(stage)

        seen = await ana.sees(WANTS)

        assert "these are quiet hours, 00:00 to 23:59 (UTC)" in seen.text
        assert await stage.reboots() == {}


async def test_one_person_may_reboot_so_many_boxes_in_an_hour(redis: Redis, redis_url: str) -> None:
    async with staged(redis, redis_url, policy=policy_of(Guards(per_user_and_hour=1))) as stage:
        ana, lee = await stage.link(), await stage.link("lee")
        await ana.type("/ct reboot bar ap-1")
        first = await op_id_of(stage)
        await ana.type(ASK)
        await ana.click(YES)
        await ana.sees("is rebooting")

        await deliver_to(stage, click("ana", CONFIRM, first))
        refused = await ana.sees("you would reboot more than 1 box in an hour")
        asked_again = await ana.type("/ct reboot bar ap-1", until="more than 1 box")
        other = await lee.type("/ct reboot bar ap-1", until="Reboot Bar")

        assert "The box was not touched." in refused.text
        assert "you would reboot more than 1 box in an hour" in asked_again.text
        assert "Reboot Bar" in other.text
        assert await stage.reboots() == {LOBBY: 1}


async def test_a_reboot_that_ct_refuses_counts_for_no_ceiling(redis: Redis, redis_url: str) -> None:
    async with staged(redis, redis_url, policy=policy_of(Guards(per_user_and_hour=1))) as stage:
        ana = await stage.link()
        await stage.turn(reboot="refused")
        await ana.type(ASK)
        await ana.click(YES)
        await stage.turn(reboot="back")

        card = await ana.click("Ask Again")

        assert YES in card.buttons

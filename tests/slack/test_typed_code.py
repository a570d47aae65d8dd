"""Linking with a typed code, as people meet it: the page, the way back to Slack, the form, each try."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from bot.sandbox.slack.looking import NotSeenError
from bot.sandbox.slack.person import Person
from bot.settings import Policy, ProofKind
from tests.slack.forged import click, deliver_to
from tests.stage import ACCOUNTS, PACE, Stage, staged
from tests.valkey import ValkeyProcess

POLICY = Policy(pace=PACE, link_proof=ProofKind.TYPED_CODE)


@pytest.fixture
async def stage(redis: Redis, redis_url: str) -> AsyncIterator[Stage]:
    """Two replicas, and the operator chose the typed code."""
    async with staged(redis, redis_url, replicas=2, policy=POLICY) as stage:
        yield stage


async def page_of(stage: Stage, name: str = "ana", *, account: str | None = None) -> tuple[Person, str]:
    """Somebody asks for a link and goes through its page: they, and what its last page says."""
    person = stage.person(name)
    await person.type("/ct link")
    return person, await stage.walk(await person.click("Connect CT"), name, account=account)


def code_on(page: str) -> str:
    """The line after the one that announces it."""
    lines = page.splitlines()
    return lines[lines.index("CT has said yes. Your code is") + 1]


def wrong(code: str) -> str:
    return code[:-1] + ("0" if code[-1] != "0" else "1")


async def test_ana_links_by_typing_her_code_and_her_command_goes_on(stage: Stage) -> None:
    ana = stage.person("ana")
    await ana.type("/ct box lobby ap-3")
    opened = await ana.click("Connect CT")
    page = await stage.walk(opened, "ana")
    form = await ana.click("Enter the Code")
    left = await ana.submit({"code": code_on(page).lower()})
    seen = await ana.sees("Here is what you asked for:")
    message = await ana.sees("is now linked to this Slack account", channel="app")

    assert opened.buttons == ["Go to the Connect Page", "Enter the Code"]
    assert "Type it only into a Slack window where you yourself are\n@ana" in page
    assert "Nobody from support ever asks for a code, or gives you one." in form.text
    assert left is None
    assert "Linked as ana@venues.example (A253444), 37 locations." in seen.text
    assert "Lobby AP-3 — online" in seen.text
    assert message.buttons == ["Unlink", "This Wasn't Me"]
    assert (await stage.counts())["token"] == {"authorization_code": 1}
    assert await stage.refusals() == []


async def test_while_a_code_waits_ct_link_offers_to_enter_it(stage: Stage) -> None:
    ana, page = await page_of(stage)
    offered = await ana.type("/ct link")
    await ana.click("Enter the Code")
    await ana.submit({"code": code_on(page)})
    await ana.sees("Linked as")

    assert offered.text.startswith("Your connect page has shown a code.")
    assert offered.buttons == ["Enter the Code", "Get a New Page"]
    assert "Enter the Code" not in (await ana.type("/ct link")).buttons


async def test_a_new_page_makes_the_old_code_void(stage: Stage) -> None:
    ana, page = await page_of(stage)
    await ana.type("/ct link")
    await ana.click("Get a New Page")
    await ana.click("Enter the Code")

    with pytest.raises(NotSeenError, match="I am not waiting for a code from you"):
        await ana.submit({"code": code_on(page)})
    assert (await stage.counts())["token"] == {}


async def test_wrong_codes_are_counted_down_and_the_fifth_ends_it(stage: Stage) -> None:
    ana, page = await page_of(stage)
    await ana.click("Enter the Code")
    for left in ("4 more tries", "3 more tries", "2 more tries", "1 more try"):
        with pytest.raises(NotSeenError, match=f"That is not the code on your page. You have {left}"):
            await ana.submit({"code": wrong(code_on(page))})
    assert await ana.submit({"code": wrong(code_on(page))}) is None
    ended = await ana.sees("After five wrong ones this page's code works no longer.")
    await ana.click("Connect CT")
    await ana.click("Enter the Code")

    assert ended.buttons == ["Connect CT"]
    with pytest.raises(NotSeenError, match="I am not waiting for a code from you"):
        await ana.submit({"code": code_on(page)})
    assert (await stage.counts())["token"] == {}


async def test_what_cannot_be_a_code_is_said_and_is_no_try(stage: Stage) -> None:
    ana, page = await page_of(stage)
    await ana.click("Enter the Code")
    for text in ("lobby", "1234567", "7K2M-Q9XD-7K2M"):
        with pytest.raises(NotSeenError, match="A code is 8 letters and digits"):
            await ana.submit({"code": text})
    await ana.submit({"code": code_on(page)})

    await ana.sees("Linked as ana@venues.example")


async def test_another_persons_code_is_nothing_to_lee(stage: Stage) -> None:
    ana, page = await page_of(stage)
    lee = stage.person("lee")
    await lee.type("/ct link")
    await lee.click("Connect CT")
    await lee.click("Enter the Code")

    with pytest.raises(NotSeenError, match="I am not waiting for a code from you"):
        await lee.submit({"code": code_on(page)})
    await ana.click("Enter the Code")
    await ana.submit({"code": code_on(page)})
    await ana.sees("Linked as ana@venues.example")


async def test_a_code_that_is_too_old_is_said(stage: Stage) -> None:
    ana, page = await page_of(stage)
    await stage.redis.delete(*await stage.keys("ct:link:held:*"))
    await ana.click("Enter the Code")

    with pytest.raises(NotSeenError, match=r"a code lives 5 minutes\. Type /ct link for a new page"):
        await ana.submit({"code": code_on(page)})


async def test_while_ct_takes_its_time_the_form_says_so_and_then_that_it_is_done(stage: Stage) -> None:
    ana, page = await page_of(stage)
    await ana.click("Enter the Code")
    stage.ct.faults.add(kind="delay", prefix="/oauth/token", delay=2.0)
    meanwhile = await ana.submit({"code": code_on(page)})
    linked = await ana.sees("Linked as ana@venues.example", timeout=10)
    modal = await ana.sees("Done.", timeout=10)

    assert meanwhile is not None and "CT is working on it." in meanwhile.text
    assert modal.text.splitlines() == ["Enter the code", "Done.", "[Close]"]
    assert linked.ephemeral
    assert await stage.refusals() == []


@pytest.mark.parametrize("fault", [{"kind": "status", "status": 503}, {"kind": "drop"}], ids=["fails", "breaks off"])
async def test_a_ct_that_fails_is_said_and_the_code_is_sent_once(stage: Stage, fault: dict[str, object]) -> None:
    ana, page = await page_of(stage)
    await ana.click("Enter the Code")
    stage.ct.faults.add(prefix="/oauth/token", times=None, **fault)
    await ana.submit({"code": code_on(page)})
    seen = await ana.sees("CT did not answer. Nothing was connected.")

    assert (seen.ephemeral, seen.buttons) == (True, ["Connect CT"])
    assert len([row for row in stage.ct.log.rows if row["path"] == "/oauth/token"]) == 1


async def test_wrong_credentials_of_the_bot_are_told_without_a_way_to_try_again(stage: Stage) -> None:
    ana, page = await page_of(stage)
    stage.ct.practice.application.secret = "changed meanwhile"
    await ana.click("Enter the Code")
    await ana.submit({"code": code_on(page)})
    seen = await ana.sees("I am not set up correctly at CT.")

    assert "Tell whoever runs the bot" in seen.text
    assert seen.buttons == []


async def test_a_form_that_slack_would_not_open_in_time_is_asked_for_again(stage: Stage) -> None:
    ana, _ = await page_of(stage)
    await stage.workspace.turn(trigger_seconds=0.0)
    seen = await ana.click("Enter the Code")

    assert seen.text == "I was too slow, so the form could not open. Nothing was changed. Press once more."


async def test_l8_after_an_unlink_the_code_is_worth_nothing(stage: Stage) -> None:
    ana, page = await page_of(stage)
    await ana.type("/ct unlink")
    await ana.click("Enter the Code")

    with pytest.raises(NotSeenError, match="I am not waiting for a code from you"):
        await ana.submit({"code": code_on(page)})
    assert await stage.keys("ct:link:held:*") == []


async def test_a_whole_organisation_is_told_that_nobody_can_connect(redis: Redis, redis_url: str) -> None:
    """What the settings cannot tell, Slack does: an installation of all workspaces."""
    with capture_logs() as logged:
        async with staged(redis, redis_url, policy=POLICY, org_wide=True) as stage:
            ana = stage.person("ana")
            await ana.type("/ct link")
            at_start = [line for line in logged if "linking is refused" in line["event"]]
            seen = await ana.click("Connect CT")
            kept = await stage.keys("ct:link:*")

    assert [line["log_level"] for line in at_start] == ["error"]
    assert "I am set up for one workspace alone, but I am installed in a whole organisation." in seen.text
    assert "Tell whoever runs the bot. Nothing was changed." in seen.text
    assert (seen.links, kept) == ({}, [])


OLD_FORM = {
    **click("ana", "", ""),
    "type": "view_submission",
    "view": {
        "type": "modal",
        "id": "V1",
        "callback_id": "ct.form:enter-code",
        "private_metadata": "{}",
        "state": {"values": {}},
    },
}


@pytest.mark.parametrize("old", [click("ana", "ct.link.enter", "enter"), OLD_FORM], ids=["button", "form"])
async def test_where_nobody_asks_for_codes_an_old_button_or_form_says_so(
    redis: Redis, redis_url: str, old: dict[str, object]
) -> None:
    """The operator went back to Sign in with Slack; messages of before still hang about."""
    async with staged(redis, redis_url) as stage:
        ana = stage.person("ana")
        await deliver_to(stage, old)
        seen = await ana.sees("No code is asked for here any more.", channel="app")

        assert seen.buttons == ["Connect CT"]


async def test_u2_the_code_is_in_nothing_that_goes_to_slack_and_in_nothing_that_rests(
    stage: Stage, valkey: ValkeyProcess
) -> None:
    ana, page = await page_of(stage)
    code = code_on(page)
    held = [row.code for row in stage.ct.practice.tokens.codes.values()]
    await ana.click("Enter the Code")
    with pytest.raises(NotSeenError, match="4 more tries"):
        await ana.submit({"code": wrong(code)})
    await ana.submit({"code": code})
    await ana.sees("Linked as")
    said = str([row["arguments"] for row in await stage.workspace.calls()])
    acks = str([row["answer"] for row in await stage.workspace.deliveries()])
    rest = valkey.on_disk().decode("latin-1") + str(await stage.audit())
    places = {"slack": said + acks, "store": rest}

    secrets = [code, code.replace("-", ""), wrong(code), *held]
    assert len(held) == 1
    assert [(where, secret) for where, text in places.items() for secret in secrets if secret in text] == []
    assert ACCOUNTS["ana"] in said

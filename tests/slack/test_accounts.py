"""Linking as people meet it: connect, change, disconnect, and what is said when it goes wrong."""

import asyncio

from bot.sandbox.browser import Browser
from tests.slack.forged import click, deliver_to
from tests.stage import ACCOUNTS, IDS, Stage


async def test_linking_tells_which_account_and_offers_a_way_back(stage: Stage) -> None:
    ana = await stage.link()

    message = await ana.sees("is now linked to this Slack account", channel="app")

    assert "Your CT account ana@venues.example (A253444), 37 locations" in message.text
    assert message.buttons == ["Unlink", "This Wasn't Me"]
    assert not message.ephemeral


async def test_the_link_is_made_when_the_button_is_pressed(stage: Stage) -> None:
    ana = stage.person("ana")

    asked = await ana.type("/ct link")
    opened = await ana.click("Connect CT")

    assert asked.links == {}
    assert opened.ephemeral
    assert opened.links["Go to the Connect Page"].startswith(f"{stage.settings.public_url}/link/")


async def test_only_the_newest_link_lives(stage: Stage) -> None:
    ana = stage.person("ana")
    await ana.type("/ct link")
    first = await ana.click("Connect CT")
    await ana.type("/ct link")
    second = await ana.click("Connect CT")

    old = await stage.walk(first, "ana")
    new = await stage.walk(second, "ana")

    assert "This link has expired" in old
    assert "Done. Go back to Slack." in new


async def test_l2_somebody_elses_browser_connects_nothing(stage: Stage) -> None:
    ana = stage.person("ana")
    await ana.type("/ct link")
    link = await ana.click("Connect CT")

    page = await stage.walk(link, "ana", slack_user="U02LEE", account=ACCOUNTS["lee"])

    assert "This link was made for another Slack user. Nothing was connected." in page
    assert (await stage.counts())["token"] == {}
    assert "I need your CT account" in (await ana.type("/ct status")).text
    assert "link_identity_mismatch" in [row["event"] for row in await stage.audit()]


async def test_whoami_asks_ct(stage: Stage) -> None:
    kim = await stage.link("kim")

    seen = await kim.type("/ct whoami")

    assert seen.text.startswith("You act as kim@venues.example (A253444)")
    assert "CT says your role is Administrator." in seen.text


async def test_unlinking_deletes_here_and_revokes_at_ct(stage: Stage) -> None:
    ana = await stage.link()

    seen = await ana.type("/ct unlink")

    assert seen.text.startswith("Unlinked.")
    assert "I need your CT account" in (await ana.type("/ct status")).text
    await eventually_revoked(stage)


async def eventually_revoked(stage: Stage) -> None:
    for _ in range(200):
        if (await stage.counts())["revokes"]:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("CT was never asked to revoke")


async def test_unlinking_twice_says_there_is_nothing(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct unlink")

    seen = await ana.type("/ct unlink")

    assert seen.text == "You are not linked to a CT account."


async def test_this_was_not_me_deletes_the_link_and_says_what_to_do(stage: Stage) -> None:
    ana = await stage.link()
    ana.go("app")
    await ana.sees("is now linked")

    seen = await ana.click("This Wasn't Me")

    assert "I deleted that link" in seen.text
    assert "sign out everywhere in Slack" in seen.text
    assert "link_disowned" in [row["event"] for row in await stage.audit()]


async def test_unlink_on_the_message_asks_first(stage: Stage) -> None:
    ana = await stage.link()
    ana.go("app")
    await ana.sees("is now linked")

    seen = await ana.click("Unlink", confirm=True)

    assert seen.text.startswith("Unlinked.")


async def test_connecting_again_can_change_the_ct_account(stage: Stage) -> None:
    ana = await stage.link()

    offered = await ana.type("/ct link")
    await stage.walk(await ana.click("Connect CT"), "ana", account=ACCOUNTS["kim"])
    await ana.sees("It replaces the CT account that was linked before", channel="app")

    assert "You are linked as ana@venues.example." in offered.text
    assert "You act as kim@venues.example" in (await ana.type("/ct whoami")).text


async def test_a_link_that_ct_ended_leads_to_connecting_again_and_on(stage: Stage) -> None:
    ana = await stage.link()
    (await stage.control.post("/_practice/tokens/revoke", json={})).raise_for_status()

    ended = await ana.type("/ct box lobby ap-3", timeout=15)
    await stage.walk(await ana.click("Connect CT"), "ana")
    seen = await ana.sees("Here is what you asked for:")

    assert "CT no longer accepts your link: connect again." in ended.text
    assert "Lobby AP-3 — online" in seen.text


async def test_an_expired_token_is_renewed_without_a_word(stage: Stage) -> None:
    ana = await stage.link()
    (await stage.control.post("/_practice/tokens/expire", json={})).raise_for_status()

    seen = await ana.type("/ct status")

    assert "412 boxes" in seen.text
    assert (await stage.counts())["token"] == {"authorization_code": 1, "refresh_token": 1}


async def test_denying_at_ct_says_how_to_start_again(stage: Stage) -> None:
    ana = stage.person("ana")
    await ana.type("/ct link")
    link = (await ana.click("Connect CT")).links["Go to the Connect Page"]

    async with Browser() as browser:
        await browser.link(link, ct_login=ACCOUNTS["ana"], slack_user="U01ANA", until="Deny")
        page = await browser.press("Deny")

    assert "/ct link" in page.text
    assert (await stage.counts())["token"] == {}


async def test_s4_the_same_user_id_in_another_workspace_is_somebody_else(stage: Stage) -> None:
    """A click signed by Slack, from the same id in another team: refused, and never with Ana's account."""
    await stage.link()
    before = (await stage.counts())["total"]

    for nth in range(20):
        payload = click("U01ANA", "ct.command.run", "status", team=f"T0{nth}OTHER")
        assert (await deliver_to(stage, payload)).status_code == 200
    await asyncio.sleep(0.3)

    assert (await stage.counts())["total"] == before


async def test_s4_an_outsider_of_a_shared_channel_is_refused(stage: Stage) -> None:
    await stage.link()
    zoe = stage.person("zoe", "venues-orbit")

    seen = await zoe.type("/ct status")

    assert seen.text == "Only members of this workspace can use me. Nothing was done."


async def test_a_guest_connects_their_own_account(stage: Stage) -> None:
    gus = stage.person("gus")
    await gus.type("/ct link")
    await stage.walk(await gus.click("Connect CT"), "gus", account="oleg@cafes.example")

    await gus.sees("Linked as oleg@cafes.example")

    assert "2 locations" in (await gus.type("/ct status")).text


async def test_l8_after_an_uninstall_nothing_is_left(stage: Stage) -> None:
    await stage.link("ana")
    await stage.link("lee")

    await stage.workspace.uninstall()
    for _ in range(200):
        if not await stage.redis.keys("ct:tok*"):
            break
        await asyncio.sleep(0.02)

    left = await stage.keys("*U0*")
    # What is left names a dead link (ten minutes), how fast somebody typed (two), and that a link was ended, so that it
    # can't come back (a day); and what was on its way to them may be tried for half a minute.
    assert {key.split(":{")[0] for key in left} <= {"ct:link:newest", "ct:rate", "ct:gone", "ct:out"}
    assert [key for key in left if await stage.redis.ttl(key) == -1] == []
    await eventually_revoked(stage)


async def test_nobody_acts_with_anothers_rights(stage: Stage) -> None:
    await stage.link("ana")
    lee = stage.person("lee")

    seen = await lee.type("/ct status")

    assert "I need your CT account" in seen.text
    assert IDS["lee"] not in str(await stage.redis.keys("ct:tok*"))

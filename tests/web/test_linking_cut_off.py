"""Row L6: a process that dies anywhere between the code and the link leaves no half link and says so."""

from typing import Any

import pytest
from pytest_mock import MockerFixture
from structlog.testing import capture_logs

from bot.crypto import DataKey, Keyring
from bot.errors import StoreDownError
from bot.services.link_exchange import Attempt, LinkExchange
from bot.services.notices import Resume
from tests.valkey import ValkeyProcess
from tests.web.cuts import POINTS, cut, cut_at, restarted, tokens
from tests.web.site import ANA, Site
from tests.web.visitor import Visitor, visitor

pytestmark = pytest.mark.asyncio(loop_scope="module")

RESUME = Resume(text="reboot lobby", channel_id="C01NOC", response_url="https://hooks.slack.com/commands/canary")


@pytest.mark.parametrize("linked_before", [False, True], ids=["not linked before", "linked before"])
@pytest.mark.parametrize("point", POINTS)
async def test_l6_killed_at_this_point_nothing_is_linked_and_ana_is_told_to_try_again(
    site: Site, ana: Visitor, mocker: MockerFixture, valkey: ValkeyProcess, point: str, linked_before: bool
) -> None:
    if linked_before:
        await ana.link(await site.link_for())
        await site.settle()
    old = await site.keys("tok")
    callback = await ana.to_ct_callback(await site.link_for(resume=RESUME))
    cut_at(mocker, site.replicas[0], point)
    died = await ana.look(callback)
    mocker.stopall()
    half_way = await site.replicas[1].sessions.account(ANA)
    await restarted(site)

    assert died.status_code == 500
    assert (half_way is not None) == linked_before
    assert site.told.cut_off == [ANA]
    assert (await site.keys("tok"), await site.keys("new"), await site.markers()) == (old, [], [])
    assert not [token for token in tokens(site) if token.encode() in valkey.on_disk()]
    assert (await ana.link(await site.link_for())).status_code == 200


async def test_l6_killed_after_activating_ana_is_linked_is_told_and_her_command_resumes(
    site: Site, ana: Visitor, mocker: MockerFixture
) -> None:
    callback = await ana.to_ct_callback(await site.link_for(resume=RESUME))
    cut_at(mocker, site.replicas[0], "after activating")
    await ana.look(callback)
    mocker.stopall()
    await restarted(site)

    [(who, account, resume, switched)] = site.told.linked_as
    assert (who, account.label, resume, switched) == (ANA, "ana@venues.example", RESUME, False)
    assert (site.told.cut_off, await site.markers()) == ([], [])


async def test_l6_killed_after_switching_accounts_the_switch_is_told(
    site: Site, ana: Visitor, mocker: MockerFixture
) -> None:
    await ana.link(await site.link_for())
    await site.settle()
    async with visitor(ct="oleg@cafes.example") as elsewhere:
        callback = await elsewhere.to_ct_callback(await site.link_for())
        cut_at(mocker, site.replicas[0], "after activating")
        await elsewhere.look(callback)
    mocker.stopall()
    await restarted(site)

    assert [(account.label, switched) for _, account, _, switched in site.told.linked_as] == [
        ("ana@venues.example", False),
        ("oleg@cafes.example", True),
    ]


async def test_l6_killed_before_the_link_was_taken_it_still_works(
    site: Site, ana: Visitor, mocker: MockerFixture
) -> None:
    link = await site.link_for()
    callback = await ana.to_ct_callback(link)
    cut(mocker, site.replicas[0].store, "take", after=False)
    await ana.look(callback)
    mocker.stopall()

    assert site.exchanges == 0
    assert (await ana.link(link)).status_code == 200


async def test_l6_a_notice_that_could_not_be_sent_is_sent_by_the_marker(
    site: Site, ana: Visitor, mocker: MockerFixture
) -> None:
    mocker.patch.object(site.told, "linked", side_effect=StoreDownError("Slack is away"))
    done = await ana.link(await site.link_for(resume=RESUME))
    await site.settle()
    mocker.stopall()
    await restarted(site)

    assert done.status_code == 200
    assert [(who, resume) for who, _, resume, _ in site.told.linked_as] == [(ANA, RESUME)]


async def test_l6_a_notice_that_can_never_be_sent_is_given_up_after_three_tries(
    site: Site, ana: Visitor, mocker: MockerFixture
) -> None:
    refused = mocker.patch.object(site.told, "linked", side_effect=StoreDownError("away"))
    await ana.link(await site.link_for())
    await site.settle()
    handler = site.linking.handlers["link-cut-off"]
    for _ in range(2):
        with pytest.raises(StoreDownError):
            await handler((await site.markers())[0])
    given_up = await handler((await site.markers())[0])

    assert (given_up, refused.call_count, site.told.cut_off) == (None, 3, [])


@pytest.mark.parametrize("step", ["adopt", "activate"])
async def test_l6_a_store_that_goes_away_half_way_is_said_and_told_later(
    site: Site, ana: Visitor, mocker: MockerFixture, step: str
) -> None:
    callback = await ana.to_ct_callback(await site.link_for())
    mocker.patch.object(site.replicas[0].sessions, step, side_effect=StoreDownError("away"))
    page = await ana.look(callback)
    mocker.stopall()
    await site.settle()
    await restarted(site)

    assert (page.status_code, "The bot lost its memory half way." in page.text) == (503, True)
    assert (site.told.cut_off, await site.keys("tok", "new")) == ([ANA], [])
    assert site.ct_calls["oauth.revoke"] == (1 if step == "adopt" else 0)


async def test_l6_tokens_that_could_neither_be_saved_nor_revoked_are_logged_without_themselves(
    site: Site, ana: Visitor, mocker: MockerFixture
) -> None:
    async def ct_and_redis_go_away(*_args: Any, **_kwargs: Any) -> None:
        site.ct.practice.application.secret = "changed meanwhile"
        raise StoreDownError("away")

    callback = await ana.to_ct_callback(await site.link_for())
    mocker.patch.object(site.replicas[0].sessions, "adopt", ct_and_redis_go_away)
    site.ct.switches.set({"revoke": "client_403"})
    with capture_logs() as logged:
        page = await ana.look(callback)
        await site.settle()

    assert page.status_code == 503
    assert "unsaved tokens not revoked" in [line["event"] for line in logged]
    assert not [token for token in tokens(site) if token in str(logged)]


async def test_what_was_typed_is_lost_with_its_data_key_but_the_notice_is_not(site: Site, ana: Visitor) -> None:
    await ana.link(await site.link_for())
    await site.settle()
    replica = site.replicas[0]
    exchange = LinkExchange(
        ct=replica.ct,
        sessions=replica.sessions,
        queue=replica.queue,
        held=replica.parts.held,
        keyring=Keyring([DataKey("k2", b"2" * 32)]),
        audit=replica.audit,
        notices=site.told,
        tasks=replica.tasks,
        redirect_uri="",
    )
    sealed = replica.parts.exchange.seal_resume(ANA, RESUME)
    await exchange.announce(Attempt(id="a", who=ANA, resume=sealed))
    [marker] = await site.markers()
    await exchange.cut_off(marker)

    assert site.told.linked_as[-1][2] is None


async def test_an_audit_that_cannot_be_written_does_not_undo_a_link(
    site: Site, ana: Visitor, mocker: MockerFixture
) -> None:
    mocker.patch.object(site.replicas[0].audit, "record", side_effect=StoreDownError("away"))
    done = await ana.link(await site.link_for())
    mocker.stopall()
    await site.settle()

    assert (done.status_code, len(site.told.linked_as)) == (200, 1)

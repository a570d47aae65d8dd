"""The whole of flow C as a person sees it, and each way in which it may end."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pytest_mock import MockerFixture
from starlette.responses import JSONResponse, PlainTextResponse, Response
from structlog.testing import capture_logs

from bot.crypto import DataKey, Keyring
from bot.services.notices import Resume
from tests.web.site import ANA, LEE, Site
from tests.web.visitor import Visitor, query, visitor

pytestmark = pytest.mark.asyncio(loop_scope="module")

RESUME = Resume(text="reboot lobby", channel_id="C01NOC", response_url="https://hooks.slack.com/commands/canary")


async def test_ana_links_and_her_command_resumes(site: Site, ana: Visitor) -> None:
    link = await site.link_for(resume=RESUME)
    page = await ana.look(link)
    done = await ana.link(link)
    await site.settle()

    assert "Connect Slack user <bdi>@ana</bdi> in <bdi>Acme</bdi> to a CT account." in page.text
    assert (done.status_code, "Done. Go back to Slack." in done.text) == (200, True)
    account = await site.replicas[0].sessions.account(ANA)
    assert account is not None and account.label == "ana@venues.example"
    assert site.told.linked_as == [(ANA, account, RESUME, False)]
    assert await site.events() == ["linked"]
    assert (site.exchanges, await site.markers()) == (1, [])


async def test_the_cookie_is_gone_when_all_is_done(site: Site, ana: Visitor) -> None:
    callback = await ana.to_ct_callback(await site.link_for())
    held = ana.http.cookies.get("ct-link")
    done = await ana.look(callback)

    assert held is not None and len(held) == 43
    assert 'ct-link=""' in done.headers["set-cookie"] and "Max-Age=0" in done.headers["set-cookie"]
    assert ana.http.cookies.get("ct-link") is None


async def test_a_reload_of_the_last_page_says_it_was_used(site: Site, ana: Visitor) -> None:
    callback = await ana.to_ct_callback(await site.link_for())
    await ana.look(callback)
    again = await ana.look(callback)

    assert (again.status_code, "This page was used already." in again.text) == (409, True)
    assert site.exchanges == 1


async def test_only_the_newest_link_lives(site: Site, ana: Visitor) -> None:
    old = await site.link_for()
    new = await site.link_for()

    assert (await ana.look(old)).status_code == 410
    assert (await ana.press_continue(old)).status_code == 410
    assert (await ana.link(new)).status_code == 200


async def test_a_newer_link_ends_an_attempt_that_is_under_way(site: Site, ana: Visitor) -> None:
    first = await site.link_for()
    at_slack = await ana.to_slack_callback(first)
    await site.link_for()
    after_slack = await ana.look(at_slack)
    second = await site.link_for()
    at_ct = await ana.to_ct_callback(second)
    await site.link_for()
    after_ct = await ana.look(at_ct)

    assert (after_slack.status_code, after_ct.status_code) == (410, 410)
    assert site.exchanges == 0


async def test_links_of_two_people_live_side_by_side(site: Site, ana: Visitor) -> None:
    for_ana, for_lee = await site.link_for(ANA), await site.link_for(LEE, handle="lee")
    async with visitor(slack="T01ACME.U02LEE", ct="lee@venues.example") as lee:
        answers = await asyncio.gather(ana.link(for_ana), lee.link(for_lee))
    await site.settle()

    assert [answer.status_code for answer in answers] == [200, 200]
    assert {(who, account.label) for who, account, *_ in site.told.linked_as} == {
        (ANA, "ana@venues.example"),
        (LEE, "lee@venues.example"),
    }


async def test_two_tabs_of_one_link_make_one_exchange(site: Site) -> None:
    link = await site.link_for()
    async with visitor() as left, visitor() as right:
        callbacks = [await left.to_ct_callback(link), await right.to_ct_callback(link)]
        answers = await asyncio.gather(left.look(callbacks[0]), right.look(callbacks[1]))
    await site.settle()

    statuses = sorted(answer.status_code for answer in answers)

    assert statuses in ([200, 409], [200, 410])
    assert (site.exchanges, len(site.told.linked_as), await site.markers()) == (1, 1, [])


async def test_linking_another_ct_account_is_told_as_a_switch(site: Site, ana: Visitor) -> None:
    await ana.link(await site.link_for())
    async with visitor(ct="oleg@cafes.example") as elsewhere:
        await elsewhere.link(await site.link_for())
    await site.settle()

    assert [(account.label, switched) for _, account, _, switched in site.told.linked_as] == [
        ("ana@venues.example", False),
        ("oleg@cafes.example", True),
    ]


async def test_who_says_no_at_ct_may_start_again_with_the_same_link(site: Site, ana: Visitor) -> None:
    link = await site.link_for()
    refused = await ana.look(await ana.allow_at_ct(await ana.to_ct(link), allow=False))
    done = await ana.link(link)

    assert (refused.status_code, "You did not allow it at CT." in refused.text) == (400, True)
    assert done.status_code == 200


async def test_who_says_no_at_slack_may_start_again_with_the_same_link(site: Site, ana: Visitor) -> None:
    link = await site.link_for()
    state = query((await ana.press_continue(link)).headers["location"])["state"]
    refused = await ana.look(f"{site.url}/oauth/slack/callback?error=access_denied&state={state}")
    done = await ana.link(link)

    assert (refused.status_code, "You did not sign in with Slack." in refused.text) == (400, True)
    assert done.status_code == 200


async def test_while_slack_cannot_be_asked_the_link_lives_on(site: Site, ana: Visitor) -> None:
    link = await site.link_for()
    site.issuer.token_answer = PlainTextResponse("down", 503)
    down = await ana.look(await ana.to_slack_callback(link))
    site.issuer.token_answer = None
    done = await ana.link(link)

    assert (down.status_code, "Slack could not be asked just now." in down.text) == (503, True)
    assert done.status_code == 200


async def test_an_id_token_that_proves_nothing_is_refused_and_audited(site: Site, ana: Visitor) -> None:
    site.issuer.claims = {"aud": "another"}
    refused = await ana.look(await ana.to_slack_callback(await site.link_for()))

    assert (refused.status_code, "Slack did not say who you are." in refused.text) == (400, True)
    assert (await site.events(), site.exchanges) == (["link_sign_in_refused"], 0)


async def _exchange_answered(site: Site, ana: Visitor, answer: Response) -> tuple[int, str]:
    async def instead() -> Response:
        return answer

    callback = await ana.to_ct_callback(await site.link_for())
    site.token_door.instead = instead
    page = await ana.look(callback)
    site.token_door.instead = None
    return page.status_code, page.text


async def test_each_refusal_of_the_code_has_its_words_and_leaves_nothing(site: Site, ana: Visitor) -> None:
    expected = {
        "CT did not accept the sign-in.": JSONResponse({"error": "invalid_grant"}, 401),
        "This bot is not set up correctly at CT.": JSONResponse({"error": "invalid_client"}, 401),
        "CT did not answer.": PlainTextResponse("<html>maintenance</html>", 503),
    }
    for title, answer in expected.items():
        status, text = await _exchange_answered(site, ana, answer)

        assert (status, title in text) == (502, True)
    assert (site.exchanges, await site.markers(), await site.keys("tok", "new")) == (3, [], [])
    assert await site.events() == ["link_failed"] * 3
    assert (await ana.link(await site.link_for())).status_code == 200


async def test_tokens_that_ct_does_not_honour_link_nothing(site: Site, ana: Visitor) -> None:
    async def dead() -> Response:
        return JSONResponse({"access_token": "f" * 64, "refresh_token": "e" * 64, "token_type": "bearer"})

    callback = await ana.to_ct_callback(await site.link_for())
    site.token_door.instead = dead
    page = await ana.look(callback)

    assert (page.status_code, "CT did not confirm the new link." in page.text) == (502, True)
    assert (await site.markers(), await site.keys("tok", "new")) == ([], [])
    assert await site.replicas[0].sessions.account(ANA) is None


async def test_an_unlink_or_uninstall_while_signing_in_withdraws_the_link(site: Site, ana: Visitor) -> None:
    callback = await ana.to_ct_callback(await site.link_for())
    await site.replicas[0].sessions.unlink(ANA)
    page = await ana.look(callback)

    assert (page.status_code, "This link was withdrawn." in page.text) == (410, True)
    assert (site.told.linked_as, await site.markers(), await site.keys("tok", "new")) == ([], [], [])


async def test_an_uninstall_in_the_middle_of_the_exchange_withdraws_the_link(site: Site, ana: Visitor) -> None:
    async def uninstall() -> None:
        await site.replicas[0].sessions.forget_installation("T01ACME", team_id="T01ACME")

    callback = await ana.to_ct_callback(await site.link_for())
    site.token_door.instead = uninstall
    page = await ana.look(callback)

    assert (page.status_code, site.exchanges, await site.keys("tok", "new")) == (410, 1, [])


@pytest.mark.parametrize("step", ["prove", "activate"])
async def test_an_unlink_just_before_this_step_withdraws_the_link(
    site: Site, ana: Visitor, mocker: MockerFixture, step: str
) -> None:
    sessions = site.replicas[0].sessions
    real: Callable[..., Awaitable[Any]] = getattr(sessions, step)

    async def too_late(*args: Any) -> Any:
        await sessions.unlink(ANA)
        return await real(*args)

    callback = await ana.to_ct_callback(await site.link_for())
    mocker.patch.object(sessions, step, too_late)
    page = await ana.look(callback)

    assert (page.status_code, "This link was withdrawn." in page.text) == (410, True)
    assert (await site.markers(), await site.keys("tok", "new")) == ([], [])


async def test_a_verifier_whose_data_key_is_gone_ends_the_attempt_before_the_exchange(
    site: Site, ana: Visitor, mocker: MockerFixture
) -> None:
    callback = await ana.to_ct_callback(await site.link_for())
    mocker.patch.object(site.linking._legs, "_keyring", Keyring([DataKey("k2", b"2" * 32)]))
    page = await ana.look(callback)

    assert (page.status_code, site.exchanges, await site.markers()) == (410, 0, [])


async def test_u2_nothing_secret_of_a_linking_is_logged_audited_or_measured(site: Site, ana: Visitor) -> None:
    with capture_logs() as logged:
        link = await site.link_for(resume=RESUME)
        at_slack = await ana.to_slack_callback(link)
        at_ct = await ana.allow_at_ct((await ana.look(at_slack)).headers["location"])
        cookie = ana.http.cookies["ct-link"]
        await ana.look(at_ct)
        await ana.look(at_ct)
        await site.settle()
    seen = str(logged) + str(await site.replicas[0].audit.tail(50)) + (await ana.look(f"{site.url}/metrics")).text
    secrets = [link.rsplit("/", 1)[1], *query(at_slack).values(), *query(at_ct).values(), cookie, "canary"]
    secrets += [token for row in site.ct.practice.tokens.rows for token in (row.access, row.refresh) if token]

    assert len(secrets) >= 9
    assert not [secret for secret in secrets if secret in seen]


async def test_a_code_that_is_missing_or_absurd_is_refused(site: Site, ana: Visitor) -> None:
    link = await site.link_for()
    for tail in ("", "&code=", f"&code={'x' * 5000}", "&code=a&code=b"):
        state = query((await ana.press_continue(link)).headers["location"])["state"]
        at_slack = await ana.look(f"{site.url}/oauth/slack/callback?state={state}{tail}")
        state = query(await ana.to_ct(link))["state"]
        at_ct = await ana.look(f"{site.url}/oauth/ct/callback?state={state}{tail}")

        assert (at_slack.status_code, at_ct.status_code) == (400, 502)
    assert site.exchanges == 0


async def test_a_store_that_cannot_write_is_said_and_the_link_works_afterwards(site: Site, ana: Visitor) -> None:
    link = await site.link_for()
    await site.redis.config_set("maxmemory", 1)
    try:
        page = await ana.press_continue(link)
    finally:
        await site.redis.config_set("maxmemory", 0)

    assert (page.status_code, "The bot cannot remember anything just now." in page.text) == (503, True)
    assert (await ana.link(link)).status_code == 200

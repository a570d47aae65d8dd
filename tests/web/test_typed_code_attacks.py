"""Rows L1, L2, L3, L5, L7, L9 and L10 where the proof is a typed code."""

import secrets
from typing import Any

import pytest
from pytest_mock import MockerFixture

from bot.services.link_exchange import Outcome
from bot.services.typed_code import Why
from bot.stores.link_keys import held_of
from tests.web.guarded import HOSTILE, MARK, NAMES, well_guarded
from tests.web.site import ANA, LEE, Site
from tests.web.typed_codes import MALLORY, callback_of, code_from, guess, phish, shown
from tests.web.visitor import Visitor, query, visitor

pytestmark = pytest.mark.asyncio(loop_scope="module")

TYPED = True
GUESSES = 500
RUNS = 20


async def _nothing_happened(site: Site) -> bool:
    await site.settle()
    return (site.exchanges, site.told.linked_as, await site.keys("tok", "new")) == (0, [], [])


async def test_l10_guesses_over_fresh_and_burnt_attempts_hit_nothing_and_ask_ct_for_nothing(
    site: Site, ana: Visitor
) -> None:
    run = await guess(site, ana, n=GUESSES)

    assert (run.guesses, run.hits, run.token_requests) == (GUESSES, 0, 0)
    assert run.answers == {Why.WRONG: GUESSES * 4 // 10, Why.BURNT: GUESSES // 10, Why.NOTHING_WAITS: GUESSES // 2}
    assert run.attempts == GUESSES // 10
    assert await _nothing_happened(site)


@pytest.mark.parametrize("linked_before", [False, True], ids=["first-time victim", "linked victim"])
async def test_l2_a_victim_who_opens_the_attackers_link_and_tells_nobody_the_code_gives_nothing_away(
    site: Site, linked_before: bool
) -> None:
    """A linked victim is not even asked at CT: it knows the application. Half of them type the code as themselves."""
    async with visitor(slack="T01ACME.U02LEE", ct="lee@venues.example") as victim:
        if linked_before:
            assert await site.replicas[0].enter(LEE, await code_from(site, victim, LEE, handle="lee")) is Outcome.DONE
        before = await site.replicas[0].sessions.account(LEE)
        run = await phish(site, victim, LEE, n=RUNS)

    assert (run.runs, run.pages_with_mallorys_name) == (RUNS, RUNS)
    assert (run.linked, run.token_requests) == (0, 0)
    assert run.typed_by_the_victim == {Why.NOTHING_WAITS: RUNS // 2}
    assert await site.replicas[0].sessions.account(LEE) == before
    assert len(site.ct.practice.tokens.rows) == (1 if linked_before else 0)


async def test_l2_residual_risk_a_victim_who_dictates_the_code_to_the_attacker_gives_their_ct_account_away(
    site: Site,
) -> None:
    """What design B cannot stop, and why it is the operator's choice and not the default: the page has warned."""
    async with visitor(slack="T01ACME.U02LEE", ct="lee@venues.example") as victim:
        page = await victim.look(await callback_of(site, victim, MALLORY, handle="mallory"))
    dictated = shown(page) or ""
    told = await site.replicas[0].enter(MALLORY, dictated)

    assert "Type it only into a Slack window where you yourself are <bdi>@mallory</bdi>." in page.text
    assert "tell nobody the code" in page.text
    assert told is Outcome.DONE
    account = await site.replicas[0].sessions.account(MALLORY)
    assert account is not None and account.label == "lee@venues.example"
    assert "linked" in await site.events()


async def test_l2_a_victim_sent_into_the_middle_of_the_attackers_attempt_is_shown_no_code(site: Site) -> None:
    async with visitor() as mallory, visitor(ct="lee@venues.example") as victim:
        for _ in range(5):
            authorize = (await mallory.press_continue(await site.link_for(MALLORY))).headers["location"]
            page = await victim.look(await victim.allow_at_ct(authorize))

            assert (page.status_code, shown(page)) == (410, None)
    assert await site.events() == ["link_refused"] * 5
    assert await _nothing_happened(site)


async def test_l3_an_attackers_callback_shows_a_victim_no_code(site: Site, ana: Visitor) -> None:
    """Else Ana might type it as herself, and work in Mallory's CT account."""
    async with visitor(ct="oleg@cafes.example") as mallory:
        for _ in range(5):
            fresh = await ana.look(await callback_of(site, mallory, MALLORY))
            await ana.press_continue(await site.link_for(ANA))
            busy = await ana.look(await callback_of(site, mallory, MALLORY))

            assert (fresh.status_code, busy.status_code, shown(fresh), shown(busy)) == (410, 410, None, None)
    assert await _nothing_happened(site)


async def test_l3_an_attackers_code_under_the_victims_own_state_fails_its_pkce(site: Site, ana: Visitor) -> None:
    async with visitor(ct="oleg@cafes.example") as mallory:
        stolen = query(await callback_of(site, mallory, MALLORY))["code"]
    state = query((await ana.press_continue(await site.link_for())).headers["location"])["state"]
    typed = shown(await ana.look(f"{site.url}/oauth/ct/callback?code={stolen}&state={state}"))

    assert await site.replicas[0].enter(ANA, typed or "") is Outcome.CT_REFUSED
    assert await site.replicas[0].sessions.account(ANA) is None


async def test_l1_made_up_replayed_and_foreign_states_show_no_code(site: Site, ana: Visitor) -> None:
    states = [secrets.token_urlsafe(32) for _ in range(60)]
    states += ["", "x", "../../etc", "%00", "used", "ct:link:typed", "é" * 40, "a" * 3000, "{}", "*", "\r\nX: y"]
    pages = [
        await ana.http.get(f"{site.url}/oauth/ct/callback", params={"state": state, "code": "c0de"}) for state in states
    ]
    async with visitor() as other:
        pages.append(await other.look(await callback_of(site, ana)))

    assert {page.status_code for page in pages} == {410}
    assert not [page for page in pages if shown(page)]
    assert await _nothing_happened(site)


async def test_l1_a_browser_that_one_proof_sent_to_ct_is_a_stranger_to_the_other(site: Site, ana: Visitor) -> None:
    """Two replicas with different policies: what went without Sign in with Slack must not come back as if with it."""
    there = site.replicas[0].otherwise
    for _ in range(5):
        callback = query(await callback_of(site, ana))
        assert await there.ct_callback(callback, ana.http.cookies["ct-link"]) is Outcome.EXPIRED

    lid = (await site.link_for()).rsplit("/", 1)[1]
    onward = await there.start(lid)
    assert onward is not None
    signed_in = await there.slack_callback(query((await ana.look(onward.url)).headers["location"]), onward.cookie)
    assert not isinstance(signed_in, Outcome)
    back = query(await ana.allow_at_ct(signed_in.url))
    assert await site.linking.ct_callback(back, onward.cookie) is Outcome.EXPIRED
    assert await _nothing_happened(site)


async def test_l3_a_form_sent_from_elsewhere_starts_nothing(site: Site, ana: Visitor) -> None:
    link = await site.link_for()
    for headers in ({}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site", "Origin": "null"}):
        answer = await ana.http.post(f"{link}/start", headers=headers)

        assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)


async def test_l5_every_redirect_goes_to_ct_only_and_the_policy_names_no_other(site: Site, ana: Visitor) -> None:
    answer = await ana.press_continue(await site.link_for())
    policy = answer.headers["content-security-policy"]

    assert answer.headers["location"].startswith(f"{site.ct_url}/oauth/authorize?")
    assert query(answer.headers["location"])["code_challenge_method"] == "S256"
    assert f"form-action 'self' {site.ct_url};" in policy
    assert site.issuer.url not in policy


async def test_l5_the_page_of_the_code_is_guarded_like_every_other(site: Site, ana: Visitor) -> None:
    callback = await callback_of(site, ana)
    pages = [await ana.http.head(callback), await ana.look(callback), await ana.look(callback)]

    assert [page.status_code for page in pages] == [200, 200, 409]
    assert [shown(page) is not None for page in pages] == [False, True, False]
    assert all(well_guarded(page) for page in pages)


async def test_l5_nothing_hostile_comes_back_beside_a_code(site: Site, ana: Visitor) -> None:
    for payload in HOSTILE:
        link = await site.link_for()
        back = query(await ana.allow_at_ct((await ana.press_continue(link)).headers["location"]))
        told = {name: payload for name in NAMES if name not in {"state", "code", "error", "iss"}}
        page = await ana.http.get(f"{site.url}/oauth/ct/callback", params=back | told)

        assert shown(page)
        assert MARK not in page.text + str(page.headers)


async def test_l7_robots_change_nothing_and_are_shown_nothing(site: Site, ana: Visitor) -> None:
    link = await site.link_for()
    before = {key: await site.redis.get(key) for key in await site.keys("link")}
    async with visitor() as robot:
        for _ in range(10):
            assert (await robot.look(link)).status_code == 200
            assert (await robot.http.head(link)).status_code == 200
    after = {key: await site.redis.get(key) for key in await site.keys("link")}

    assert before == after
    assert shown(await ana.look(await ana.allow_at_ct((await ana.press_continue(link)).headers["location"])))


async def test_l9_an_answer_that_names_another_issuer_shows_no_code(site: Site, ana: Visitor) -> None:
    page = await ana.look(f"{await callback_of(site, ana)}&iss=https://id.ctapp.io.evil.example")

    assert (page.status_code, shown(page)) == (410, None)
    assert await _nothing_happened(site)


async def test_no_key_of_an_attempt_outlives_ten_minutes(site: Site, ana: Visitor) -> None:
    await code_from(site, ana)
    ages = {key: await site.redis.ttl(key) for key in await site.keys("link")}

    assert len(ages) == 3
    assert all(0 < age <= 600 for age in ages.values())


async def test_the_same_code_rests_differently_each_time(site: Site, ana: Visitor, mocker: MockerFixture) -> None:
    """Its digest has a key of its own, sealed: 40 bits would soon be tried out against a bare one."""
    mocker.patch("bot.services.typed_code.new_code", return_value="7K2MQ9XD")
    redis: Any = site.redis
    rest = set()
    for _ in range(3):
        assert await code_from(site, ana) == "7K2M-Q9XD"
        rest.add(await redis.hget(held_of(ANA), "digest"))

    assert len(rest) == 3
    assert all(len(digest) == 64 for digest in rest)

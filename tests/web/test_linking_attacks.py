"""Rows L1 to L4, L7 and L9: what attackers, robots and reloads do to the linking pages."""

import asyncio
import secrets

import pytest
from starlette.responses import RedirectResponse, Response

from bot.identity import SlackUser
from tests.web.site import ANA, LEE, Site
from tests.web.visitor import Visitor, query, visitor

pytestmark = pytest.mark.asyncio(loop_scope="module")

MALLORY = SlackUser("T01ACME", "U66MAL")
ANA_ELSEWHERE = SlackUser("T02ORBIT", "U01ANA")
LEGS = ("/oauth/slack/callback", "/oauth/ct/callback")


async def _nothing_happened(site: Site) -> bool:
    await site.settle()
    return (site.exchanges, site.told.linked_as, await site.keys("tok", "new"), await site.markers()) == (0, [], [], [])


async def test_l1_made_up_states_are_refused_before_any_token_request(site: Site, ana: Visitor) -> None:
    states = [secrets.token_urlsafe(32) for _ in range(60)]
    states += ["", "x", "../../etc", "%00", "used", "ct:link:slack", "é" * 40, "a" * 3000, "{}", "*", "\r\nX: y"]
    statuses = set()
    for path in LEGS:
        for state in states:
            answer = await ana.http.get(site.url + path, params={"state": state, "code": "c0de"})
            statuses.add(answer.status_code)
        statuses.add((await ana.look(f"{site.url}{path}?code=c0de")).status_code)

    assert statuses == {410}
    assert site.issuer.forms == []
    assert await _nothing_happened(site)


async def test_l1_expired_states_and_links_are_refused(site: Site, ana: Visitor) -> None:
    for _ in range(10):
        at_slack = await ana.to_slack_callback(await site.link_for())
        await site.redis.flushall()
        first = await ana.look(at_slack)
        forms = len(site.issuer.forms)
        at_ct = await ana.to_ct_callback(await site.link_for())
        await site.redis.flushall()
        second = await ana.look(at_ct)

        assert (first.status_code, second.status_code) == (410, 410)
        assert len(site.issuer.forms) == forms + 1
    assert await _nothing_happened(site)


async def test_l1_every_key_of_an_attempt_dies_within_ten_minutes(site: Site, ana: Visitor) -> None:
    link = await site.link_for()
    await ana.to_slack_callback(link)
    await ana.to_ct(link)
    ages = {key: await site.redis.ttl(key) for key in await site.keys("link")}

    assert len(ages) == 5
    assert all(590 <= age <= 600 for age in ages.values())


async def test_l1_no_key_and_no_value_at_rest_holds_what_a_browser_holds(site: Site, ana: Visitor) -> None:
    link = await site.link_for()
    await ana.press_continue(link)
    slack_state = query(str((await ana.press_continue(link)).headers["location"]))["state"]
    state = query(await ana.to_ct(link))["state"]
    cookie = ana.http.cookies["ct-link"]
    rest = [str([key, await site.redis.get(key)]) for key in await site.keys("link")]

    assert not [secret for secret in (link.rsplit("/", 1)[1], slack_state, state, cookie) if secret in str(rest)]


async def test_l1_a_replayed_state_is_refused(site: Site, ana: Visitor) -> None:
    for _ in range(5):
        link = await site.link_for()
        at_slack = await ana.to_slack_callback(link)
        first = await ana.look(at_slack)
        forms = len(site.issuer.forms)
        replays = [await ana.look(at_slack) for _ in range(5)]

        assert first.status_code == 303
        assert {answer.status_code for answer in replays} == {409}
        assert len(site.issuer.forms) == forms
    assert await _nothing_happened(site)


async def test_l1_a_state_of_one_leg_is_worth_nothing_on_the_other(site: Site, ana: Visitor) -> None:
    for _ in range(10):
        link = await site.link_for()
        slack_state = query((await ana.press_continue(link)).headers["location"])["state"]
        wrong = await ana.look(f"{site.url}/oauth/ct/callback?state={slack_state}&code=c0de")
        ct_state = query(await ana.to_ct(link))["state"]
        forms = len(site.issuer.forms)
        swapped = await ana.look(f"{site.url}/oauth/slack/callback?state={ct_state}&code=c0de")

        assert (wrong.status_code, swapped.status_code, len(site.issuer.forms)) == (410, 410, forms)
    assert await _nothing_happened(site)


async def test_l1_a_state_in_another_browser_is_refused_and_audited(site: Site, ana: Visitor) -> None:
    for cookie in (None, "", "x", secrets.token_urlsafe(32)):
        async with visitor() as other:
            if cookie is not None:
                other.http.cookies.set("ct-link", cookie, domain="127.0.0.1")
            at_slack = await ana.to_slack_callback(await site.link_for())
            forms = len(site.issuer.forms)
            first = await other.look(at_slack)
            assert (first.status_code, len(site.issuer.forms)) == (410, forms)
            at_ct = await ana.to_ct_callback(await site.link_for())
            assert (await other.look(at_ct)).status_code == 410
            assert (await ana.look(at_ct)).status_code == 409

    assert await site.events() == ["link_refused"] * 8
    assert await _nothing_happened(site)


@pytest.mark.parametrize("linked_before", [False, True], ids=["first-time victim", "linked victim"])
async def test_l2_a_victim_who_opens_the_attackers_link_gives_nothing_away(site: Site, linked_before: bool) -> None:
    async with visitor(slack="T01ACME.U02LEE", ct="lee@venues.example") as victim:
        if linked_before:
            assert (await victim.link(await site.link_for(LEE))).status_code == 200
        exchanges = site.exchanges
        for n in range(10):
            link = await site.link_for(MALLORY, handle="mallory")
            answer = await victim.look(await victim.to_slack_callback(link))
            again = await victim.look(link)

            assert (answer.status_code, again.status_code) == (403, 410), n
            assert "This link was made for another Slack user. Nothing was connected." in answer.text
            assert "location" not in answer.headers
    rows = [row for row in await site.replicas[0].audit.tail(100) if row["event"] == "link_identity_mismatch"]

    assert site.exchanges == exchanges
    assert await site.replicas[0].sessions.account(MALLORY) is None
    assert (len(rows), rows[0]["who"], rows[0]["browser"]) == (10, MALLORY.key, LEE.key)
    assert [row for row in site.ct.log.rows if row["path"] == "/oauth/authorize"] == [] or linked_before


async def test_l2_the_same_user_id_of_another_workspace_is_somebody_else(site: Site, ana: Visitor) -> None:
    there = await ana.look(await ana.to_slack_callback(await site.link_for(ANA_ELSEWHERE)))
    async with visitor(slack="T02ORBIT.U01ANA") as other:
        here = await other.look(await other.to_slack_callback(await site.link_for(ANA)))

    assert (there.status_code, here.status_code) == (403, 403)
    assert await _nothing_happened(site)


async def test_l2_an_enterprise_that_slack_names_must_be_the_right_one(site: Site, ana: Visitor) -> None:
    outcomes = []
    for mine, slacks in [("E01", "E01"), ("E01", "E02"), (None, "E02"), ("E01", None)]:
        site.issuer.claims = {"https://slack.com/enterprise_id": slacks}
        link = await site.link_for(SlackUser("T01ACME", "U01ANA", mine))
        outcomes.append((await ana.look(await ana.to_slack_callback(link))).status_code)

    assert outcomes == [303, 403, 403, 303]


@pytest.mark.parametrize("linked_before", [False, True], ids=["first-time victim", "linked victim"])
async def test_l2_a_victim_sent_into_the_middle_of_the_attackers_attempt_gives_nothing_away(
    site: Site, linked_before: bool
) -> None:
    async with (
        visitor(slack="T01ACME.U66MAL") as mallory,
        visitor(slack="T01ACME.U02LEE", ct="lee@venues.example") as victim,
    ):
        if linked_before:
            await victim.link(await site.link_for(LEE))
        exchanges = site.exchanges
        for _ in range(5):
            slack_page = (await mallory.press_continue(await site.link_for(MALLORY))).headers["location"]
            at_slack = await victim.look((await victim.look(slack_page)).headers["location"])
            ct_page = await mallory.to_ct(await site.link_for(MALLORY))
            at_ct = await victim.look(await victim.allow_at_ct(ct_page))

            assert (at_slack.status_code, at_ct.status_code) == (410, 410)
    assert site.exchanges == exchanges
    assert await site.replicas[0].sessions.account(MALLORY) is None


async def test_l3_an_attackers_code_binds_no_victim(site: Site) -> None:
    async with (
        visitor(slack="T01ACME.U66MAL", ct="oleg@cafes.example") as mallory,
        visitor(slack="T01ACME.U02LEE", ct="lee@venues.example") as victim,
    ):
        for _ in range(5):
            fresh = await victim.look(await mallory.to_ct_callback(await site.link_for(MALLORY)))
            await victim.to_ct(await site.link_for(LEE))
            busy = await victim.look(await mallory.to_ct_callback(await site.link_for(MALLORY)))

            assert (fresh.status_code, busy.status_code) == (410, 410)
    assert await site.replicas[0].sessions.account(LEE) is None
    assert await _nothing_happened(site)


async def test_l3_an_attackers_code_under_the_victims_own_state_fails_its_pkce(site: Site) -> None:
    async with (
        visitor(slack="T01ACME.U66MAL", ct="oleg@cafes.example") as mallory,
        visitor(slack="T01ACME.U02LEE", ct="lee@venues.example") as victim,
    ):
        code = query(await mallory.to_ct_callback(await site.link_for(MALLORY)))["code"]
        state = query(await victim.to_ct(await site.link_for(LEE)))["state"]
        answer = await victim.look(f"{site.url}/oauth/ct/callback?code={code}&state={state}")

    assert (answer.status_code, site.told.linked_as) == (502, [])
    assert await site.replicas[0].sessions.account(LEE) is None


async def test_l3_a_form_sent_from_elsewhere_starts_nothing(site: Site, ana: Visitor) -> None:
    link = await site.link_for()
    here = site.linking.public_url
    foreign = [
        {},
        {"Origin": "null"},
        {"Origin": "https://evil.example"},
        {"Origin": f"{here}.evil.example"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "null"},
        {"Sec-Fetch-Site": "same-site", "Origin": here},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
    ]
    refused = [await ana.http.post(f"{link}/start", headers=headers) for headers in foreign]
    ours = [{"Origin": here}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "same-origin", "Origin": here}]
    passed = [await ana.http.post(f"{link}/start", headers=headers) for headers in ours]

    assert [answer.status_code for answer in refused] == [403] * len(foreign)
    assert not [answer for answer in refused if "set-cookie" in answer.headers]
    assert [answer.status_code for answer in passed] == [303] * len(ours)


async def test_l4_fifty_callbacks_at_once_over_two_replicas_make_one_exchange(site: Site, ana: Visitor) -> None:
    for number in range(1, 5):
        callback = await ana.to_ct_callback(await site.link_for())
        copies = [callback.replace(site.url, site.replicas[n % 2].url) for n in range(50)]
        answers = await asyncio.gather(*(ana.look(copy) for copy in copies))
        texts = sorted(answer.text.split("<h1>")[1].split("</h1>")[0] for answer in answers)

        assert texts == ["Done. Go back to Slack."] + ["This page was used already."] * 49
        assert site.exchanges == number


async def test_l7_robots_and_head_requests_change_nothing(site: Site, ana: Visitor) -> None:
    link = await site.link_for()
    before = {key: await site.redis.get(key) for key in await site.keys("link")}
    async with visitor(slack="T01ACME.U02LEE") as robot:
        for _ in range(25):
            assert (await robot.look(link)).status_code == 200
            assert (await robot.http.head(link)).status_code == 200
        assert not robot.http.cookies.get("ct-link")
    after = {key: await site.redis.get(key) for key in await site.keys("link")}

    assert before == after
    assert (await ana.link(link)).status_code == 200


async def test_l7_a_head_request_on_a_callback_consumes_nothing(site: Site, ana: Visitor) -> None:
    link = await site.link_for()
    at_slack = await ana.to_slack_callback(link)
    await ana.http.head(at_slack)
    at_ct = await ana.allow_at_ct((await ana.look(at_slack)).headers["location"])
    await ana.http.head(at_ct)

    assert (await ana.look(at_ct)).status_code == 200


async def test_l9_an_answer_that_names_another_issuer_is_refused(site: Site, ana: Visitor) -> None:
    link = await site.link_for()
    for issuer in ("https://id.ctapp.io.evil.example", "", "null", "http://[", f"{site.ct_url}.evil.example"):
        at_slack = await ana.look(f"{await ana.to_slack_callback(link)}&iss={issuer}")
        at_ct = await ana.look(f"{await ana.to_ct_callback(link)}&iss={issuer}")

        assert (at_slack.status_code, at_ct.status_code) == (410, 410)
    assert await _nothing_happened(site)
    right = await ana.look(f"{await ana.to_ct_callback(link)}&iss={site.ct_url}/")
    assert right.status_code == 200


async def test_l9_a_token_endpoint_that_redirects_is_not_followed(site: Site, ana: Visitor) -> None:
    async def elsewhere() -> Response:
        return RedirectResponse(f"{site.issuer.url}/api/openid.connect.token", 307)

    for number in range(1, 4):
        callback = await ana.to_ct_callback(await site.link_for())
        site.token_door.instead = elsewhere
        page = await ana.look(callback)
        site.token_door.instead = None

        assert (page.status_code, len(site.issuer.forms)) == (502, number)
    assert await site.keys("tok", "new") == []

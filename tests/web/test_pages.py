"""Row L5: nothing that came in goes out again, and every answer carries its headers."""

import re
import time

import pytest
from pytest_mock import MockerFixture

from bot.errors import StoreDownError
from tests.web.guarded import HOSTILE, MARK, NAMES, well_guarded
from tests.web.signed import signed
from tests.web.site import ANA, Site
from tests.web.tags import Tags
from tests.web.visitor import Visitor, query

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_l5_no_hostile_parameter_comes_back_on_any_page(site: Site, ana: Visitor) -> None:
    for path in ("/oauth/slack/callback", "/oauth/ct/callback", "/", "/link/x", "/nowhere"):
        for payload in HOSTILE:
            for params in (dict.fromkeys(NAMES, payload), {"error": "access_denied", "error_description": payload}):
                answer = await ana.http.get(site.url + path, params=params)

                assert MARK not in answer.text + str(answer.headers), (path, payload)
                assert (answer.status_code, "location" in answer.headers) in {(410, False), (404, False)}


async def test_l5_no_hostile_error_of_a_real_attempt_comes_back(site: Site, ana: Visitor) -> None:
    for payload in HOSTILE:
        link = await site.link_for()
        state = query((await ana.press_continue(link)).headers["location"])["state"]
        told = {"error": payload, "error_description": payload, "error_uri": payload, "next": payload}
        at_slack = await ana.http.get(f"{site.url}/oauth/slack/callback", params={"state": state} | told)
        state = query(await ana.to_ct(link))["state"]
        at_ct = await ana.http.get(f"{site.url}/oauth/ct/callback", params={"state": state} | told)

        assert (at_slack.status_code, at_ct.status_code) == (400, 502)
        for answer in (at_slack, at_ct):
            assert MARK not in answer.text + str(answer.headers)
            assert "location" not in answer.headers


async def test_l5_hostile_paths_are_plain_pages_that_do_not_repeat_them(site: Site, ana: Visitor) -> None:
    for payload in HOSTILE:
        path = "".join(f"%{byte:02X}" for byte in payload.encode())
        for url in (f"{site.url}/{path}", f"{site.url}/link/{path}", f"{site.url}/link/{path}/start"):
            answer = await ana.http.get(url)

            assert answer.status_code in {404, 405, 410}
            assert MARK not in answer.text + str(answer.headers)
            assert well_guarded(answer)


async def test_l5_a_foreign_host_header_leads_nowhere(site: Site, ana: Visitor) -> None:
    for path in ("/healthz/", "/link/x/", "/oauth/ct/callback/", "/"):
        answer = await ana.http.get(site.url + path, headers={"Host": f"{MARK}.example"})

        assert answer.status_code in {404, 410}
        assert MARK not in answer.text + str(answer.headers)


async def test_l5_every_redirect_goes_to_slack_or_ct_only(site: Site, ana: Visitor) -> None:
    link = await site.link_for()
    first = await ana.press_continue(f"{link}")
    second = await ana.look((await ana.follow(first)).headers["location"])

    assert first.headers["location"].startswith(f"{site.issuer.url}/openid/connect/authorize?")
    assert second.headers["location"].startswith(f"{site.ct_url}/oauth/authorize?")
    assert query(second.headers["location"])["code_challenge_method"] == "S256"


async def test_l5_every_answer_carries_the_headers(site: Site, ana: Visitor, mocker: MockerFixture) -> None:
    link = await site.link_for()
    at_ct = await ana.to_ct_callback(link)
    got = [
        await ana.http.request(method, site.url + path)
        for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS")
        for path in ("/", "/link/x", "/link/x/start", "/oauth/slack/callback", "/oauth/ct/callback", "/healthz")
    ]
    got += [await ana.look(link), await ana.press_continue(link), await ana.look(at_ct)]
    got += [await ana.look(f"{site.url}/metrics"), await ana.look(f"{site.url}/readyz")]
    got += [await ana.http.post(f"{site.url}/slack/events", content=b"x")]
    mocker.patch.object(site.linking, "look", side_effect=RuntimeError("planted-canary"))
    got += [await ana.look(link)]
    mocker.patch.object(site.linking, "look", side_effect=StoreDownError("away"))
    got += [await ana.look(link)]

    assert [answer.url for answer in got if not well_guarded(answer)] == []
    assert {answer.status_code for answer in got} >= {200, 303, 401, 403, 404, 405, 410, 500, 503}


async def test_a_bug_becomes_a_page_with_a_reference_that_is_in_the_log(
    site: Site, ana: Visitor, mocker: MockerFixture
) -> None:
    mocker.patch.object(site.linking, "look", side_effect=RuntimeError("planted-canary"))
    logged = mocker.patch("bot.web.guard.log")
    link = await site.link_for()
    page = await ana.look(link)
    reference = re.search(r"ct-[0-9a-f]{8}", page.text)

    assert (page.status_code, reference is not None, "planted-canary" in page.text) == (500, True, False)
    assert reference is not None
    assert logged.exception.call_args.kwargs == {"reference": reference.group(), "path": "/link"}


async def test_a_bug_behind_the_slack_door_is_a_page_too(site: Site, ana: Visitor) -> None:
    answer = await ana.http.post(f"{site.url}/slack/events", content=b"raise", headers=signed(b"raise", time.time()))

    assert (answer.status_code, "planted-canary" in answer.text) == (500, False)


async def test_what_slack_signed_gets_through_the_whole_web_side(site: Site, ana: Visitor) -> None:
    answer = await ana.http.post(f"{site.url}/slack/events", content=b"a=b", headers=signed(b"a=b", time.time()))

    assert (answer.status_code, site.through) == (200, ["a=b"])


async def test_where_the_form_leads_keeps_the_path_of_the_public_url(site: Site, ana: Visitor) -> None:
    link = await site.link_for(ANA)
    form = next(attrs for tag, attrs in Tags((await ana.look(link)).text).tags if tag == "form")

    assert form["action"] == link.removeprefix(site.url) + "/start"

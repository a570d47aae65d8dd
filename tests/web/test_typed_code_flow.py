"""The typed code as the proof (design B): the whole of it as a person sees it, and each way in which it may end."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pytest_mock import MockerFixture
from starlette.responses import JSONResponse, PlainTextResponse, Response
from structlog.testing import capture_logs

from bot.crypto import DataKey, Keyring
from bot.errors import NotAllowedError, StoreDownError
from bot.services.link_exchange import Outcome
from bot.services.notices import Resume
from bot.services.typed_code import Refused, Why
from bot.stores.link_keys import held_of
from tests.valkey import ValkeyProcess
from tests.web.site import ANA, LEE, Site
from tests.web.tags import Tags
from tests.web.typed_codes import callback_of, code_from, shown, wrong_code
from tests.web.visitor import Visitor, query, visitor

pytestmark = pytest.mark.asyncio(loop_scope="module")

TYPED = True
RESUME = Resume(text="reboot lobby", channel_id="C01NOC", response_url="https://hooks.slack.com/commands/canary")


async def test_ana_types_the_code_is_linked_and_her_command_resumes(site: Site, ana: Visitor) -> None:
    code = await code_from(site, ana, resume=RESUME)
    before = site.exchanges
    done = await site.replicas[1].enter(ANA, code)
    await site.settle()

    assert (before, done, site.exchanges) == (0, Outcome.DONE, 1)
    account = await site.replicas[0].sessions.account(ANA)
    assert account is not None and account.label == "ana@venues.example"
    assert site.told.linked_as == [(ANA, account, RESUME, False)]
    assert await site.events() == ["link_code_shown", "linked"]
    assert (await site.markers(), await site.redis.exists(held_of(ANA))) == ([], 0)


async def test_slack_is_never_asked_and_ct_is_asked_for_nothing_before_the_code_is_typed(
    site: Site, ana: Visitor
) -> None:
    await code_from(site, ana)

    assert (site.issuer.forms, site.issuer.keys_asked, site.ct_calls.total()) == ([], 0, 0)
    assert site.ct.practice.tokens.rows == []


async def test_the_naming_page_says_whose_link_it_is_and_that_a_code_will_follow(site: Site, ana: Visitor) -> None:
    page = await ana.look(await site.link_for())

    assert "Connect Slack user <bdi>@ana</bdi> in <bdi>Acme</bdi> to a CT account." in page.text
    assert "Then this page shows a code." in page.text
    assert "sign in with Slack" not in page.text


async def test_the_page_of_the_code_says_who_alone_is_to_type_it(site: Site, ana: Visitor) -> None:
    page = await ana.look(await callback_of(site, ana))
    text = " ".join(Tags(page.text).text.split())

    assert page.status_code == 200
    assert "Type it only into a Slack window where you yourself are @ana." in text
    assert "Nobody from support will ever ask for it." in text
    assert not {"script", "img", "a", "form", "input"} & {tag for tag, _ in Tags(page.text).tags}
    assert 'ct-link=""' in page.headers["set-cookie"] and "Max-Age=0" in page.headers["set-cookie"]


async def test_a_reload_shows_no_code_makes_none_and_leaves_the_first_one_good(site: Site, ana: Visitor) -> None:
    callback = await callback_of(site, ana)
    code = shown(await ana.look(callback))
    again = [await ana.look(callback.replace(site.url, site.replicas[n % 2].url)) for n in range(4)]

    assert {(page.status_code, shown(page)) for page in again} == {(409, None)}
    assert all("The code is shown only once." in page.text for page in again)
    assert await site.replicas[0].enter(ANA, code or "") is Outcome.DONE


async def test_what_people_make_of_a_code_is_understood(site: Site, ana: Visitor) -> None:
    """Small letters, blanks, other dashes, O for 0, I and L for 1."""
    writings: list[Callable[[str], str]] = [
        str.lower,
        lambda code: f"  {code.replace('-', ' ')} ",
        lambda code: code.replace("-", ""),
        lambda code: code.replace("-", "–"),
        lambda code: " ".join(code),
        lambda code: code.replace("0", "O").replace("1", "l"),
        lambda code: code.replace("0", "o").replace("1", "I"),
    ]
    for write in writings:
        assert await site.replicas[0].enter(ANA, write(await code_from(site, ana))) is Outcome.DONE


async def test_five_wrong_codes_burn_it_and_then_the_right_one_is_refused(site: Site, ana: Visitor) -> None:
    code = await code_from(site, ana)
    told = [await site.replicas[n % 2].enter(ANA, wrong_code(code)) for n in range(5)]
    right = await site.replicas[0].enter(ANA, code)

    assert told == [Refused(Why.WRONG, left) for left in (4, 3, 2, 1)] + [Refused(Why.BURNT)]
    assert right == Refused(Why.NOTHING_WAITS)
    assert (site.exchanges, await site.keys("tok", "new"), await site.markers()) == (0, [], [])
    assert await site.redis.exists(held_of(ANA)) == 0
    assert await site.events() == ["link_code_shown"] + ["link_code_wrong"] * 5


async def test_the_right_code_at_the_last_try_still_counts(site: Site, ana: Visitor) -> None:
    code = await code_from(site, ana)
    for _ in range(4):
        await site.replicas[0].enter(ANA, wrong_code(code))

    assert await site.replicas[0].enter(ANA, code) is Outcome.DONE


async def test_what_cannot_be_a_code_is_no_try(site: Site, ana: Visitor) -> None:
    code = await code_from(site, ana)
    odd = ["", "-", "lobby", code[:-1], code + "7", code.replace("-", "") * 2, "UUUUUUUU", "🔑" * 8, "é" * 8, "٣" * 8]
    told = [await site.replicas[0].enter(ANA, text) for text in odd]

    assert told == [Refused(Why.UNREADABLE)] * len(odd)
    assert await site.replicas[0].enter(ANA, code) is Outcome.DONE


async def test_another_persons_code_is_worth_nothing(site: Site, ana: Visitor) -> None:
    async with visitor(ct="lee@venues.example") as lee:
        for_ana = await code_from(site, ana)
        nothing_waits = await site.replicas[0].enter(LEE, for_ana)
        for_lee = await code_from(site, lee, LEE, handle="lee")
        wrong = [await site.replicas[0].enter(LEE, for_ana), await site.replicas[1].enter(ANA, for_lee)]

    assert nothing_waits == Refused(Why.NOTHING_WAITS)
    assert wrong == [Refused(Why.WRONG, 4)] * 2
    assert site.exchanges == 0
    assert await site.replicas[0].enter(ANA, for_ana) is Outcome.DONE
    assert await site.replicas[0].enter(LEE, for_lee) is Outcome.DONE


async def test_a_code_before_its_page_was_visited_is_nothing_waited_for(site: Site, ana: Visitor) -> None:
    callback = await callback_of(site, ana)

    assert await site.replicas[0].enter(ANA, "7K2M-Q9XD") == Refused(Why.NOTHING_WAITS)
    assert shown(await ana.look(callback))


async def test_a_code_lives_five_minutes(site: Site, ana: Visitor) -> None:
    code = await code_from(site, ana)
    life = await site.redis.ttl(held_of(ANA))
    await site.redis.expire(held_of(ANA), 0)

    assert 295 <= life <= 300
    assert await site.replicas[0].enter(ANA, code) == Refused(Why.NOTHING_WAITS)
    assert site.exchanges == 0


async def test_a_newer_link_kills_an_older_code_at_once(site: Site, ana: Visitor) -> None:
    old = await code_from(site, ana)
    await site.link_for()
    between = await site.replicas[0].enter(ANA, old)
    new = await code_from(site, ana)

    assert between == Refused(Why.NOTHING_WAITS)
    assert await site.replicas[0].enter(ANA, old) == Refused(Why.WRONG, 4)
    assert await site.replicas[0].enter(ANA, new) is Outcome.DONE


async def test_a_newer_link_ends_an_attempt_that_is_still_at_ct(site: Site, ana: Visitor) -> None:
    callback = await callback_of(site, ana)
    await site.link_for()
    page = await ana.look(callback)

    assert (page.status_code, shown(page), await site.keys("tok")) == (410, None, [])


async def test_a_link_that_is_overtaken_while_its_code_is_put_away_shows_none(
    site: Site, ana: Visitor, mocker: MockerFixture
) -> None:
    store = site.replicas[0].store
    real = store.take

    async def overtaken(link: str) -> Any:
        taken = await real(link)
        await site.link_for()
        return taken

    callback = await callback_of(site, ana)
    mocker.patch.object(store, "take", overtaken)
    page = await ana.look(callback)

    assert (page.status_code, shown(page), await site.redis.exists(held_of(ANA))) == (410, None, 0)


async def test_two_tabs_of_one_link_show_one_code(site: Site) -> None:
    link = await site.link_for()
    async with visitor() as left, visitor() as right:
        callbacks = [
            await tab.allow_at_ct((await tab.press_continue(link)).headers["location"]) for tab in (left, right)
        ]
        pages = await asyncio.gather(left.look(callbacks[0]), right.look(callbacks[1]))
    codes = [code for page in pages if (code := shown(page))]

    assert len(codes) == 1
    assert await site.replicas[0].enter(ANA, codes[0]) is Outcome.DONE


async def test_l4_fifty_callbacks_at_once_over_two_replicas_show_one_code(site: Site, ana: Visitor) -> None:
    for _ in range(3):
        callback = await callback_of(site, ana)
        copies = [callback.replace(site.url, site.replicas[n % 2].url) for n in range(50)]
        pages = await asyncio.gather(*(ana.look(copy) for copy in copies))

        assert sorted(page.status_code for page in pages) == [200] + [409] * 49
        assert len([page for page in pages if shown(page)]) == 1
    assert site.exchanges == 0


async def test_l4_the_right_code_fifty_times_at_once_over_two_replicas_makes_one_exchange(
    site: Site, ana: Visitor
) -> None:
    for number in range(1, 4):
        code = await code_from(site, ana)
        told = await asyncio.gather(*(site.replicas[n % 2].enter(ANA, code) for n in range(50)))
        await site.settle()

        assert told.count(Outcome.DONE) == 1
        assert told.count(Refused(Why.NOTHING_WAITS)) == 49
        assert (site.exchanges, len(site.told.linked_as)) == (number, number)
        assert await site.markers() == []


async def test_fifty_wrong_codes_at_once_are_compared_five_times(site: Site, ana: Visitor) -> None:
    code = await code_from(site, ana)
    told = await asyncio.gather(*(site.replicas[n % 2].enter(ANA, wrong_code(code)) for n in range(50)))

    counted = [each for each in told if isinstance(each, Refused) and each.why is not Why.NOTHING_WAITS]

    assert sorted(each.left for each in counted) == [0, 1, 2, 3, 4]
    assert await site.replicas[0].enter(ANA, code) == Refused(Why.NOTHING_WAITS)


async def test_who_says_no_at_ct_may_start_again_with_the_same_link(site: Site, ana: Visitor) -> None:
    link = await site.link_for()
    authorize = (await ana.press_continue(link)).headers["location"]
    refused = await ana.look(await ana.allow_at_ct(authorize, allow=False))
    page = await ana.look(await ana.allow_at_ct((await ana.press_continue(link)).headers["location"]))

    assert (refused.status_code, "You did not allow it at CT." in refused.text) == (400, True)
    assert shown(page)


async def test_linking_another_ct_account_is_told_as_a_switch(site: Site, ana: Visitor) -> None:
    await site.replicas[0].enter(ANA, await code_from(site, ana))
    async with visitor(ct="oleg@cafes.example") as elsewhere:
        await site.replicas[0].enter(ANA, await code_from(site, elsewhere))
    await site.settle()

    assert [(account.label, switched) for _, account, _, switched in site.told.linked_as] == [
        ("ana@venues.example", False),
        ("oleg@cafes.example", True),
    ]


async def test_each_refusal_of_the_held_code_leaves_nothing_and_is_never_repeated(site: Site, ana: Visitor) -> None:
    expected = {
        Outcome.CT_REFUSED: JSONResponse({"error": "invalid_grant"}, 401),
        Outcome.MISCONFIGURED: JSONResponse({"error": "invalid_client"}, 401),
        Outcome.CT_DOWN: PlainTextResponse("<html>maintenance</html>", 503),
        Outcome.UNPROVED: JSONResponse({"access_token": "f" * 64, "refresh_token": "e" * 64, "token_type": "bearer"}),
    }
    for outcome, answer in expected.items():

        async def instead(answer: Response = answer) -> Response:
            return answer

        code = await code_from(site, ana)
        site.token_door.instead = instead
        told = [await site.replicas[0].enter(ANA, code), await site.replicas[0].enter(ANA, code)]
        site.token_door.instead = None

        assert told == [outcome, Refused(Why.NOTHING_WAITS)]
    assert (site.exchanges, await site.markers(), await site.keys("tok", "new")) == (4, [], [])
    assert await site.replicas[0].enter(ANA, await code_from(site, ana)) is Outcome.DONE


async def test_l8_an_unlink_while_a_code_waits_deletes_it_and_it_is_never_exchanged(site: Site, ana: Visitor) -> None:
    code = await code_from(site, ana)
    await site.replicas[0].sessions.unlink(ANA)

    assert await site.redis.exists(held_of(ANA)) == 0
    assert await site.replicas[0].enter(ANA, code) == Refused(Why.NOTHING_WAITS)
    assert (site.exchanges, await site.keys("tok", "new")) == (0, [])


@pytest.mark.parametrize("user_ids", [None, ["U01ANA"]], ids=["the app was removed", "her tokens were revoked"])
async def test_l8_a_departure_while_a_code_waits_makes_it_void(
    site: Site, ana: Visitor, user_ids: list[str] | None
) -> None:
    code = await code_from(site, ana)
    await site.replicas[1].sessions.forget_installation("T01ACME", team_id="T01ACME", user_ids=user_ids)

    assert not await site.replicas[0].linking.typed_code.waits(ANA)  # type: ignore[union-attr]
    assert await site.replicas[0].enter(ANA, code) == Refused(Why.NOTHING_WAITS)
    assert await site.redis.exists(held_of(ANA)) == 0
    assert (site.exchanges, await site.keys("tok", "new")) == (0, [])


async def test_l8_a_departure_while_ana_is_at_ct_shows_no_code(site: Site, ana: Visitor) -> None:
    callback = await callback_of(site, ana)
    await site.replicas[0].sessions.unlink(ANA)
    page = await ana.look(callback)

    assert (page.status_code, "This link was withdrawn." in page.text, shown(page)) == (410, True, None)
    assert await site.redis.exists(held_of(ANA)) == 0


@pytest.mark.parametrize("step", ["adopt", "prove", "activate"])
async def test_l8_an_unlink_just_before_this_step_withdraws_the_link(
    site: Site, ana: Visitor, mocker: MockerFixture, step: str
) -> None:
    sessions = site.replicas[0].sessions
    real: Callable[..., Awaitable[Any]] = getattr(sessions, step)

    async def too_late(*args: Any, **kwargs: Any) -> Any:
        await sessions.unlink(ANA)
        return await real(*args, **kwargs)

    code = await code_from(site, ana)
    mocker.patch.object(sessions, step, too_late)

    assert await site.replicas[0].enter(ANA, code) is Outcome.WITHDRAWN
    assert (await site.markers(), await site.keys("tok", "new")) == ([], [])


async def test_a_whole_organisation_is_refused_when_a_link_is_asked_for_and_when_a_code_is_typed(
    site: Site, ana: Visitor
) -> None:
    code = await code_from(site, ana)
    site.one_workspace = False
    with capture_logs() as logged:
        with pytest.raises(NotAllowedError, match="I am set up for one workspace alone"):
            await site.link_for()
        with pytest.raises(NotAllowedError, match="Tell whoever runs the bot"):
            await site.replicas[0].enter(ANA, code)

    assert [line["log_level"] for line in logged if "linking is refused" in line["event"]] == ["error"] * 2
    assert site.exchanges == 0


async def test_the_way_of_the_other_proof_is_no_way_here(site: Site, ana: Visitor) -> None:
    state = query((await ana.press_continue(await site.link_for())).headers["location"])["state"]
    page = await ana.look(f"{site.url}/oauth/slack/callback?state={state}&code=c0de")

    assert (page.status_code, site.issuer.forms) == (410, [])


async def test_a_held_code_whose_data_key_is_gone_is_nothing_waited_for(
    site: Site, ana: Visitor, mocker: MockerFixture
) -> None:
    code = await code_from(site, ana)
    mocker.patch.object(site.linking.typed_code, "_keyring", Keyring([DataKey("k2", b"2" * 32)]))

    assert await site.replicas[0].enter(ANA, code) == Refused(Why.NOTHING_WAITS)
    assert site.exchanges == 0


async def test_d1_a_held_code_copied_to_another_person_does_not_open(site: Site, ana: Visitor) -> None:
    """Whoever can write to Redis gives Lee what is held for Ana: it is bound to her."""
    code = await code_from(site, ana)
    async with visitor(ct="lee@venues.example") as lee:
        await code_from(site, lee, LEE, handle="lee")
    redis: Any = site.redis
    await redis.hset(held_of(LEE), "blob", await redis.hget(held_of(ANA), "blob"))

    assert await site.replicas[0].enter(LEE, code) == Refused(Why.NOTHING_WAITS)
    assert site.exchanges == 0


async def test_a_store_that_cannot_write_counts_no_try_and_the_code_works_afterwards(site: Site, ana: Visitor) -> None:
    code = await code_from(site, ana)
    await site.redis.config_set("maxmemory", 1)
    try:
        with pytest.raises(StoreDownError):
            await site.replicas[0].enter(ANA, code)
    finally:
        await site.redis.config_set("maxmemory", 0)

    assert await site.replicas[0].enter(ANA, code) is Outcome.DONE


async def test_u2_neither_the_typed_code_nor_cts_is_logged_audited_measured_or_at_rest(
    site: Site, ana: Visitor, valkey: ValkeyProcess
) -> None:
    with capture_logs() as logged:
        callback = await callback_of(site, ana, resume=RESUME)
        code = shown(await ana.look(callback)) or ""
        await ana.look(callback)
        waiting = valkey.on_disk()
        await site.replicas[0].enter(ANA, wrong_code(code))
        await site.replicas[1].enter(ANA, code)
        await site.settle()
    told = str(logged) + str(await site.replicas[0].audit.tail(50)) + (await ana.look(f"{site.url}/metrics")).text
    seen = told.encode() + waiting + valkey.on_disk()
    secrets = [code, code.replace("-", ""), wrong_code(code), *query(callback).values()]
    secrets += [token for row in site.ct.practice.tokens.rows for token in (row.access, row.refresh) if token]

    assert len(secrets) == 7
    assert not [secret for secret in secrets if secret.encode() in seen]

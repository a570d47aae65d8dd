"""Row L6 where the proof is a typed code: whatever is cut off, and whoever stays silent, it ends in words."""

import pytest
from pytest_mock import MockerFixture

from bot.errors import StoreDownError
from bot.services.link_exchange import Outcome
from bot.services.typed_code import Refused, Why
from bot.stores.link_keys import held_of
from tests.valkey import ValkeyProcess
from tests.web.cuts import POINTS, Killed, cut, cut_at, restarted, tokens
from tests.web.site import ANA, Site
from tests.web.test_linking_cut_off import RESUME
from tests.web.typed_codes import callback_of, code_from, shown, wrong_code
from tests.web.visitor import Visitor

pytestmark = pytest.mark.asyncio(loop_scope="module")

TYPED = True


async def _five_minutes_later(site: Site) -> None:
    await site.redis.delete(held_of(ANA))
    await restarted(site)


@pytest.mark.parametrize("linked_before", [False, True], ids=["not linked before", "linked before"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("what", ["take", "hold"])
async def test_l6_killed_before_the_page_shows_its_code_ana_is_told_and_nothing_is_linked(
    site: Site, ana: Visitor, mocker: MockerFixture, what: str, after: bool, linked_before: bool
) -> None:
    if linked_before:
        await site.replicas[0].enter(ANA, await code_from(site, ana))
        await site.settle()
    old, exchanges = await site.keys("tok"), site.exchanges
    callback = await callback_of(site, ana, resume=RESUME)
    parts = site.replicas[0].parts
    cut(mocker, parts.store if what == "take" else parts.held, what, after=after)
    died = await ana.look(callback)
    mocker.stopall()
    await _five_minutes_later(site)

    assert (died.status_code, shown(died)) == (500, None)
    assert site.told.cut_off == [ANA]
    assert (site.exchanges, await site.keys("tok"), await site.keys("new"), await site.markers()) == (
        exchanges,
        old,
        [],
        [],
    )
    assert await site.replicas[1].enter(ANA, await code_from(site, ana)) is Outcome.DONE


async def test_l6_killed_while_the_code_waits_another_replica_takes_it(site: Site, ana: Visitor) -> None:
    """Nothing of it is in a process: the one that showed the page may be gone."""
    code = await code_from(site, ana, resume=RESUME)

    assert await site.replicas[1].enter(ANA, code) is Outcome.DONE
    await site.settle()
    assert [(who, resume) for who, _, resume, _ in site.told.linked_as] == [(ANA, RESUME)]


@pytest.mark.parametrize("point", ["before comparing", "after comparing", *POINTS])
async def test_l6_killed_at_this_point_after_the_code_was_typed_nothing_is_linked_and_ana_is_told_once(
    site: Site, ana: Visitor, mocker: MockerFixture, valkey: ValkeyProcess, point: str
) -> None:
    code = await code_from(site, ana, resume=RESUME)
    if point.endswith("comparing"):
        cut(mocker, site.replicas[0].parts.held, "answer", after=point.startswith("after"))
    else:
        cut_at(mocker, site.replicas[0], point)
    with pytest.raises(Killed):
        await site.replicas[0].enter(ANA, code)
    mocker.stopall()
    half_way = await site.replicas[1].sessions.account(ANA)
    heard_of_within = min([await site.due_in(marker) for marker in await site.markers()])
    if point != "before comparing":
        await restarted(site)
        assert site.told.cut_off == [ANA]

    assert half_way is None
    assert heard_of_within <= 30
    assert site.exchanges == (0 if point.endswith("comparing") or point == "before the exchange" else 1)
    assert not [token for token in tokens(site) if token.encode() in valkey.on_disk()]
    again = await site.replicas[1].enter(ANA, code)
    assert again == (Outcome.DONE if point == "before comparing" else Refused(Why.NOTHING_WAITS))


async def test_l6_killed_after_activating_ana_is_linked_is_told_and_her_command_resumes(
    site: Site, ana: Visitor, mocker: MockerFixture
) -> None:
    code = await code_from(site, ana, resume=RESUME)
    cut_at(mocker, site.replicas[0], "after activating")
    with pytest.raises(Killed):
        await site.replicas[0].enter(ANA, code)
    mocker.stopall()
    await restarted(site)

    [(who, account, resume, switched)] = site.told.linked_as
    assert (who, account.label, resume, switched) == (ANA, "ana@venues.example", RESUME, False)
    assert (site.told.cut_off, await site.markers()) == ([], [])


async def test_who_never_types_the_code_is_told_once_after_five_minutes(site: Site, ana: Visitor) -> None:
    await code_from(site, ana)
    [marker] = await site.markers()
    heard_of_within = await site.due_in(marker)
    await _five_minutes_later(site)
    await _five_minutes_later(site)

    assert 300 <= heard_of_within <= 310
    assert site.told.cut_off == [ANA]
    assert (await site.events(), await site.markers()) == (["link_code_shown", "link_cut_off"], [])


@pytest.mark.parametrize("how", ["asked for a newer link", "burnt", "unlinked", "typed it", "the app left"])
async def test_whose_attempt_ended_otherwise_is_not_told_that_it_was_cut_off(
    site: Site, ana: Visitor, how: str
) -> None:
    code, sessions = await code_from(site, ana), site.replicas[0].sessions
    markers = await site.markers()
    match how:
        case "asked for a newer link":
            await site.link_for()
        case "burnt":
            for _ in range(5):
                await site.replicas[0].enter(ANA, wrong_code(code))
        case "unlinked":
            await sessions.unlink(ANA)
        case "the app left":
            await sessions.forget_installation("T01ACME", team_id="T01ACME")
        case "typed it":
            await site.replicas[0].enter(ANA, code)
            await site.settle()
    for marker in markers:  # as if a replica had claimed it before that
        await site.linking.handlers[marker.kind](marker)

    assert site.told.cut_off == []
    assert len(site.told.linked_as) == (1 if how == "typed it" else 0)


async def test_a_store_that_goes_away_while_a_code_is_put_away_is_said_and_told_later(
    site: Site, ana: Visitor, mocker: MockerFixture
) -> None:
    callback = await callback_of(site, ana)
    mocker.patch.object(site.replicas[0].parts.held, "hold", side_effect=StoreDownError("away"))
    page = await ana.look(callback)
    mocker.stopall()
    await _five_minutes_later(site)

    assert (page.status_code, "The bot cannot remember anything just now." in page.text) == (503, True)
    assert (site.told.cut_off, site.exchanges) == ([ANA], 0)

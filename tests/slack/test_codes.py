"""Guests' codes: looked up, switched off and on, handed over once; seen by the asker and the one who is given one."""

from bot.sandbox.slack.person import Person
from bot.sandbox.slack.seen import Seen
from tests.stage import Stage

HOTEL = "harbour hotel"
HAND_OVER = f"/ct hand over reception in {HOTEL} to @lee"


def code_in(given: Seen) -> str:
    """The code of the message by which it was handed over."""
    return given.text.splitlines()[1]


async def a_code(ana: Person, lee: Person) -> str:
    """A code that works and was handed to Lee."""
    await ana.type(HAND_OVER, until="I remember that it is given")
    return code_in(await lee.sees("gives you a Wi-Fi code", channel="app"))


async def test_a_code_is_given_to_one_person_and_never_twice(stage: Stage) -> None:
    ana, lee, kim = await stage.link(), stage.person("lee"), stage.person("kim")

    first = await a_code(ana, lee)
    await ana.click("Hand Over Another")
    await ana.submit({"person": "U03KIM"})
    second = code_in(await kim.sees("gives you a Wi-Fi code", channel="app"))

    assert first != second
    await kim.never_sees(first)
    assert "2 handed over from Slack" in (await ana.type(f"/ct voucher reception in {HOTEL}")).text
    rows = [row for row in await stage.audit() if row.get("event") == "code_given"]
    assert len(rows) == 2
    assert not any(first in str(row) for row in rows)
    assert await stage.refusals() == []


async def test_a_code_that_does_not_reach_the_person_is_not_given(stage: Stage) -> None:
    ana, lee = await stage.link(), stage.person("lee")
    await stage.workspace.fault("conversations.open", error="user_not_found", times=1)

    refused = await ana.type(HAND_OVER)

    assert "they have no code" in refused.text
    await a_code(ana, lee)
    assert "1 handed over" in (await ana.type(f"/ct voucher reception in {HOTEL}")).text


async def test_looked_up_it_says_whether_it_works_and_who_has_it(stage: Stage) -> None:
    ana, lee = await stage.link(), stage.person("lee")
    code = await a_code(ana, lee)

    card = await ana.type(f"/ct code {code.upper()} in {HOTEL}")

    assert card.ephemeral
    assert f"The code {code} is valid, and nobody has used it yet." in card.text
    assert "@ana handed it to @lee" in card.text
    assert "Share Here" not in card.buttons


async def test_it_is_switched_off_and_on_again(stage: Stage) -> None:
    ana, lee = await stage.link(), stage.person("lee")
    await ana.type(f"/ct code {await a_code(ana, lee)} in {HOTEL}")

    await ana.click("Switch It Off", confirm=True, until="does not work: it is switched off")
    await ana.click("Switch It On", until="is valid")

    routes = (await stage.counts())["routes"]
    assert sum(int(n) for route, n in routes.items() if route.startswith("PATCH ")) == 2
    assert await stage.refusals() == []


async def test_one_that_is_none_is_told_with_what_may_be_wrong(stage: Stage) -> None:
    ana = await stage.link()

    assert "Harbour Hotel has no code zzzzzz" in (await ana.type(f"/ct code zzzzzz in {HOTEL}")).text


async def test_without_a_code_a_form_asks(stage: Stage) -> None:
    ana = await stage.link()

    assert (await ana.type("/ct code")).kind == "view"


async def test_who_is_not_linked_is_asked_to_link(stage: Stage) -> None:
    assert "I need your CT account" in (await stage.person("lee").type(HAND_OVER)).text

"""A guest's code: looked up, switched, and one handed over; nobody but who must see it does."""

import asyncio
import time

import pytest

from bot.sandbox.slack.looking import NotSeenError
from tests.slack.hotel import PATH, SLUG, batches, guest_codes, kept_records, set_code
from tests.slack.upsets import calls, demote, lose_answer
from tests.stage import Stage

RECEPTION = "Reception day passes"
DAY = 86_400


def fresh(stage: Stage, name: str = RECEPTION) -> str:
    """A code that nobody used and that is on."""
    return next(code.username for code in batches(stage)[name].codes if code.active and not code.date_activated)


async def look_up(stage: Stage, text: str) -> str:
    ana = await stage.link()
    return (await ana.type(f"/ct code {text} in harbour hotel")).text


# --- looking one up -------------------------------------------------------------------------------


async def test_a_fresh_code_is_found_however_it_is_written(stage: Stage) -> None:
    code = fresh(stage)

    text = await look_up(stage, code.upper())

    assert text.startswith(f"The code {code} is valid, and nobody has used it yet.\nIt gives 1 day, on 2 devices")
    assert "Batch Reception day passes · Harbour Hotel" in text


async def test_a_used_code_says_since_when_by_which_device_and_until_when(stage: Stage) -> None:
    code = fresh(stage)
    await set_code(stage, code, date_activated=int(time.time()) - 3600, client_mac="8C-85-90-00-00-01")

    text = await look_up(stage, code)

    assert text.startswith(f"The code {code} is valid and in use.\nFirst used ")
    assert "by the device 8C-85-90-00-00-01; CT names no others" in text
    assert "Counted from then it lasts until " in text


async def test_a_code_whose_time_is_over_has_most_likely_run_out(stage: Stage) -> None:
    code = fresh(stage)
    await set_code(stage, code, date_activated=int(time.time()) - 3 * DAY)

    assert "has most likely run out: its time was over 2 days ago" in await look_up(stage, code)


async def test_a_code_of_a_batch_that_is_off_does_not_work(stage: Stage) -> None:
    ana = await stage.link()
    code = guest_codes(stage, "Summer terrace 2026")[0]

    seen = await ana.type(f"/ct code {code} in harbour hotel")

    assert "does not work: its whole batch is switched off" in seen.text
    assert seen.buttons[0] == "Switch the Batch On"


async def test_a_code_that_ct_does_not_know_leads_on(stage: Stage) -> None:
    ana = await stage.link()

    seen = await ana.type("/ct code k0ffee in harbour hotel")

    assert seen.text.startswith("Harbour Hotel has no code k0ffee.\nRead it again: 0 and o, 1 and l look alike.")
    assert seen.buttons == ["Another Location", "Batches Here", "Make New Codes"]
    await ana.click("Another Location", until="At which location?")
    again = await ana.choose("nord", "Café Nord", until="no code")
    assert "Café Nord has no code k0ffee." in again.text
    assert await stage.refusals() == []


async def test_without_a_code_a_form_asks_for_it(stage: Stage) -> None:
    ana = await stage.link()
    code = fresh(stage)

    await ana.type("/ct code")
    await ana.choose("harbour hotel", "Harbour Hotel")
    await ana.submit({"code": code, "location": SLUG})
    await ana.sees(f"The code {code} is valid")

    assert await stage.refusals() == []


# --- switching it ---------------------------------------------------------------------------------


async def test_a_code_is_switched_off_and_on_and_stands_in_no_record(stage: Stage) -> None:
    ana, lee = await stage.link(), stage.person("lee")
    code = fresh(stage)
    await ana.type(f"/ct code {code} in harbour hotel")

    await ana.click(
        "Switch It Off", confirm=True, until=f"Switched off. The code {code} does not work: it is switched off."
    )
    await ana.click("Switch It On", until=f"Switched on. The code {code} is valid")

    assert await calls(stage, "PATCH", PATH) == 2
    assert code not in await kept_records(stage)
    assert "code_off_accepted" in await kept_records(stage)
    await lee.never_sees(code)
    assert await stage.refusals() == []


async def test_a_lost_answer_is_not_repeated(stage: Stage) -> None:
    ana = await stage.link()
    code = fresh(stage)
    await lose_answer(stage, "PATCH", PATH)

    await ana.type(f"/ct code off {code} in harbour hotel", until="The connection broke after I sent it")
    await ana.sees("I will not send it again.", channel="app", timeout=10)

    assert await calls(stage, "PATCH", PATH) == 1


async def test_somebody_who_may_only_look_switches_nothing(stage: Stage) -> None:
    ana = await stage.link()
    await demote(stage)

    seen = await ana.type(f"/ct code off {fresh(stage)} in harbour hotel")

    assert "CT refused" in seen.text
    assert "Nothing was changed." in seen.text


# --- handing one over -----------------------------------------------------------------------------


async def test_a_code_is_given_to_one_person_and_remembered(stage: Stage) -> None:
    ana, lee, gus = await stage.link(), stage.person("lee"), stage.person("gus")

    told = await ana.type("/ct hand over reception in harbour hotel to @lee")
    given = await lee.sees("@ana gives you a Wi-Fi code for Harbour Hotel.", channel="app")

    code = given.text.splitlines()[1]
    assert code in guest_codes(stage, RECEPTION)
    assert told.text.startswith("@lee has a code of Reception day passes now, in a direct message.")
    assert code not in told.text
    assert "@ana handed it to @lee just now." in (await ana.type(f"/ct code {code} in harbour hotel")).text
    assert ", 1 handed over from Slack" in (await ana.type("/ct voucher reception in harbour hotel")).text
    assert code not in await kept_records(stage)
    assert "code_given" in await kept_records(stage)
    await gus.never_sees(code)
    assert await stage.refusals() == []


async def test_a_form_asks_for_the_person(stage: Stage) -> None:
    ana, lee = await stage.link(), stage.person("lee")
    await ana.type("/ct hand over reception in harbour hotel to @ana", until="I remember that it is given")

    form = await ana.click("Hand Over Another")
    assert "One unused code of Reception day passes at Harbour Hotel goes to this person" in form.text
    with pytest.raises(NotSeenError):
        await ana.submit({})
    await ana.submit({"person": "U02LEE"})

    await lee.sees("gives you a Wi-Fi code", channel="app")
    assert ", 2 handed over" in (await ana.type("/ct voucher reception in harbour hotel")).text
    assert await stage.refusals() == []


async def test_nobody_gets_a_code_that_somebody_else_has(stage: Stage) -> None:
    ana, kim = await stage.link(), await stage.link("kim")
    lee, gus = stage.person("lee"), stage.person("gus")

    await asyncio.gather(
        ana.type("/ct hand over reception in harbour hotel to @lee"),
        kim.type("/ct hand over reception in harbour hotel to @gus"),
    )
    first = await lee.sees("gives you a Wi-Fi code", channel="app")
    second = await gus.sees("gives you a Wi-Fi code", channel="app")

    assert first.text.splitlines()[1] != second.text.splitlines()[1]


async def test_when_none_is_left_nobody_is_sent_anything(stage: Stage) -> None:
    ana, lee = await stage.link(), stage.person("lee")
    for code in batches(stage)["Meeting rooms"].codes[1:]:
        code.active = False
    first = batches(stage)["Meeting rooms"].codes[0]
    first.active, first.date_activated = True, None

    await ana.type("/ct hand over meeting in harbour hotel to @lee", until="I remember")
    seen = await ana.type("/ct hand over meeting in harbour hotel to @lee")

    assert "has no code left that is unused, on, and not given to anybody yet. Nobody was sent anything." in seen.text
    assert sum("gives you" in message.text for message in await lee.messages("app")) == 1


async def test_a_code_that_did_not_arrive_is_given_to_the_next(stage: Stage) -> None:
    ana, lee = await stage.link(), stage.person("lee")
    await ana.sees("is now linked", channel="app")
    await stage.workspace.fault("conversations.open", error="user_not_found")

    seen = await ana.type("/ct hand over reception in harbour hotel to @lee")
    assert "Slack did not let me write to that person, so they have no code." in seen.text
    await ana.type("/ct hand over reception in harbour hotel to @lee", until="I remember")

    given = await lee.sees("gives you a Wi-Fi code", channel="app")
    assert given.text.splitlines()[1] == fresh(stage)
    assert ", 1 handed over" in (await ana.type("/ct voucher reception in harbour hotel")).text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("reception in harbour hotel to lee", "I don't know who that is."),
        ("terrace in harbour hotel to @lee", "is switched off: none of its codes works."),
    ],
)
async def test_what_cannot_be_handed_over_is_said(stage: Stage, text: str, said: str) -> None:
    ana = await stage.link()

    assert said in (await ana.type(f"/ct hand over {text}")).text

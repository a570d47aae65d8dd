"""New vouchers: typed in one line or asked for in a form, made at most once, and sent to the asker alone."""

import asyncio

import pytest

from bot.sandbox.slack.looking import NotSeenError
from bot.services import changes, vouchers
from tests.slack.hotel import PATH, batches, guest_codes, kept_records, remove
from tests.slack.upsets import calls, demote
from tests.stage import Stage

TYPED = "/ct voucher new harbour hotel 20 codes 1 day called Wedding"


@pytest.fixture
async def quick(stage: Stage) -> Stage:
    """A CT that makes codes in no time."""
    await stage.turn(voucher_seconds=0.6)
    return stage


async def posts(stage: Stage) -> int:
    """How often CT was asked for a batch."""
    return await calls(stage, "POST", f"{PATH}/vouchers")


async def test_typed_in_one_line_it_is_asked_once_made_once_and_sent_to_the_asker_alone(quick: Stage) -> None:
    ana, lee = await quick.link(), quick.person("lee")

    asked = await ana.type(TYPED)
    assert asked.text.startswith(
        "Make 20 codes for Harbour Hotel?\nFor the login page Harbour Hotel Guests. Each gives 1 day, on 2 devices"
    )
    assert await posts(quick) == 0
    answer = await ana.click("Make 20 Codes", until="CT is making 20 codes for Harbour Hotel.")
    await ana.sees("Your 20 codes for Harbour Hotel are ready: Wedding.", channel="app", timeout=15)
    first = await ana.sees("The first 10 that nobody used:", channel="app", timeout=15)
    await ana.sees("[wedding.csv]", channel="app", timeout=15)

    codes, kept = guest_codes(quick, "Wedding"), await kept_records(quick)
    assert "Wedding" in kept
    assert sum(code in first.text for code in codes) == 10
    assert first.links["CT's PDF"]
    assert answer.ephemeral
    assert await posts(quick) == 1
    await lee.never_sees("Wedding")
    assert not any(code in kept for code in codes)
    assert await quick.refusals() == []


async def test_the_codes_arrive_although_slack_takes_nothing_when_they_are_made(quick: Stage) -> None:
    ana = await quick.link()
    await ana.type(TYPED)
    for method, times in (("chat.postMessage", 4), ("files.getUploadURLExternal", 1)):
        await quick.workspace.fault(method, status=503, times=times)
    await ana.click("Make 20 Codes", until="CT is making 20 codes for Harbour Hotel.")

    await ana.sees("Your 20 codes for Harbour Hotel are ready: Wedding.", channel="app", timeout=25)
    await ana.sees("The first 10 that nobody used:", channel="app", timeout=25)
    last = await ana.sees(guest_codes(quick, "Wedding")[-1], channel="app", timeout=25)

    assert all(code in last.text for code in guest_codes(quick, "Wedding"))


async def test_the_codes_are_asked_for_again_where_ct_does_not_give_them_and_the_end_is_told_once(
    quick: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "FINISH_AGAIN", 0.3)
    ana = await quick.link()
    await ana.type(TYPED)
    await quick.turn(voucher_seconds=2.0)
    await ana.click("Make 20 Codes", until="CT is making 20 codes for Harbour Hotel.")
    prefix = f"{PATH}/vouchers/{batches(quick)['Wedding'].unique_id}/codes"
    fault = {"kind": "status", "status": 500, "method": "GET", "prefix": prefix, "times": 2}
    (await quick.control.post("/_practice/faults", json=fault)).raise_for_status()
    await ana.sees("The first 10 that nobody used:", channel="app", timeout=25)

    told = [seen for seen in (await ana.screen()).surfaces("app") if "are ready: Wedding" in seen.text]
    assert len(told) == 1


async def test_a_wish_without_a_location_waits_for_one(quick: Stage) -> None:
    ana = await quick.link()

    await ana.type("/ct voucher new 20 codes 1 day", until="New codes for which location?")
    seen = await ana.choose("harbour hotel", "Harbour Hotel", until="Make 20 codes for Harbour Hotel?")

    assert "Name: 1 day codes, " in seen.text


async def test_what_is_missing_a_form_asks_for_with_ct_s_defaults(quick: Stage) -> None:
    ana = await quick.link()

    form = await ana.type("/ct voucher new harbour hotel 30 codes")
    assert form.kind == "view"
    await ana.submit({"validity_minutes": "8 h", "voucher_format": "words", "batch_name": "Fair"})
    await ana.sees("Your 30 codes for Harbour Hotel are ready: Fair.", channel="app", timeout=15)

    made = batches(quick)["Fair"].settings
    assert (made["quantity"], made["validity_minutes"], made["session_timeout"]) == (30, 480, 60)
    assert (made["voucher_format"], made["access_restrict_period"], made["simultaneous_use"]) == ("words", "", 2)
    assert await posts(quick) == 1
    assert await quick.refusals() == []


async def test_a_batch_of_data_is_made_of_data(quick: Stage) -> None:
    ana = await quick.link()

    await ana.type("/ct voucher new harbour hotel 20 codes 1 day 500 MB called Data")
    await ana.click("Make 20 Codes")
    await ana.sees("each gives 500 MB within 1 day", channel="app", timeout=15)

    made = batches(quick)["Data"].settings
    assert (made["access_type"], made["access_restrict_data"]) == (2, 500)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"validity_minutes": "soon"}, "length of time"),
        ({"access_type": "2"}, "Give a whole number from 50 to 1,000,000."),
        ({"batch_name": " "}, "Give 1 to 100 characters."),
    ],
)
async def test_what_ct_would_refuse_is_said_at_the_field(quick: Stage, values: dict[str, str], said: str) -> None:
    ana = await quick.link()
    await ana.type("/ct voucher new harbour hotel")

    with pytest.raises(NotSeenError, match=said):
        await ana.submit(values)
    assert await posts(quick) == 0


async def test_what_ct_refuses_is_said_in_the_form_and_what_was_typed_stays(quick: Stage) -> None:
    ana = await quick.link()
    await quick.turn(voucher_quota=1)
    await ana.type("/ct voucher new harbour hotel")

    shown = await ana.submit({"batch_name": "Too many"})

    assert shown is not None
    assert "You've reached the number of vouchers that your plan allows." in shown.text
    assert "Too many" in str(shown.raw["blocks"])
    assert "Too many" not in batches(quick)


async def test_ct_s_sentence_about_a_field_goes_to_the_field(quick: Stage) -> None:
    ana = await quick.link()
    fault = {"kind": "status", "status": 422, "method": "POST", "prefix": f"{PATH}/vouchers"}
    body = '{"errors": {"batch_name": ["has already been taken"]}}'
    (await quick.control.post("/_practice/faults", json={**fault, "body": body})).raise_for_status()
    await ana.type("/ct voucher new harbour hotel")

    with pytest.raises(NotSeenError, match=r"batch_name.*has already been taken"):
        await ana.submit({})


async def test_somebody_who_may_only_look_is_told_that_ct_refused(quick: Stage) -> None:
    ana = await quick.link()
    await demote(quick)
    await ana.type(TYPED)

    seen = await ana.click("Make 20 Codes", until="CT refused")

    assert "Nothing was changed." in seen.text
    assert "Ask Again" in seen.buttons


async def test_asking_again_asks_for_the_same(quick: Stage) -> None:
    ana = await quick.link()
    await quick.turn(creation="refused")
    first = await ana.type(TYPED)
    await ana.click("Make 20 Codes", until="CT refused")

    second = await ana.click("Ask Again", until="Make 20 codes")

    assert second.text == first.text


@pytest.mark.parametrize("creation", ["dropped", "lost_answer"])
async def test_a_batch_whose_answer_was_lost_is_found_and_never_made_twice(quick: Stage, creation: str) -> None:
    ana = await quick.link()
    await quick.turn(creation=creation)
    await ana.type(TYPED)

    seen = await ana.click("Make 20 Codes", until="The connection broke after I sent it")
    assert "ask for no second one" in seen.text
    await ana.sees("It did reach CT. Your 20 codes for Harbour Hotel are ready", channel="app", timeout=15)
    await ana.sees("[wedding.csv]", channel="app", timeout=15)

    assert await posts(quick) == 1


async def test_an_older_batch_of_the_same_name_is_not_taken_for_it(
    quick: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vouchers, "LOOK_SECONDS", 0.1)
    ana = await quick.link()
    await ana.type(TYPED)
    await ana.click("Make 20 Codes")
    await ana.sees("[wedding.csv]", channel="app", timeout=15)
    await quick.turn(creation="dropped_unacted")
    await ana.type(TYPED)

    await ana.click("Make 20 Codes", until="The connection broke after I sent it")
    seen = await ana.sees("No batch called “Wedding” turned up at Harbour Hotel", channel="app", timeout=15)

    assert "I will not send it again." in seen.text
    assert await posts(quick) == 2


async def test_two_clicks_make_one_batch(quick: Stage) -> None:
    ana = await quick.link()
    await ana.type(TYPED)

    await asyncio.gather(ana.click("Make 20 Codes", wait=False), ana.click("Make 20 Codes", wait=False))
    await ana.sees("[wedding.csv]", channel="app", timeout=15)

    assert await posts(quick) == 1


async def test_a_batch_that_ct_takes_too_long_over_is_told(quick: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vouchers, "MAKING_SECONDS", 0.1)
    await quick.turn(voucher_seconds=600)
    ana = await quick.link()
    await ana.type(TYPED)
    await ana.click("Make 20 Codes")

    await ana.sees("CT took the batch Wedding, but has not made its 20 codes", channel="app", timeout=15)
    card = await ana.type("/ct voucher wedding in harbour hotel")

    assert "Wedding — being made." in card.text
    assert "CT gives no files of it yet." in card.text


async def test_a_batch_that_somebody_deleted_meanwhile_is_told(quick: Stage) -> None:
    await quick.turn(voucher_seconds=600)
    ana = await quick.link()
    await ana.type(TYPED)
    await ana.click("Make 20 Codes", until="CT is making")
    remove(quick, "Wedding")

    await ana.sees("somebody deleted it before its codes were made", channel="app", timeout=15)


async def test_a_number_that_ct_does_not_make_is_said(quick: Stage) -> None:
    ana = await quick.link()

    seen = await ana.type("/ct voucher new harbour hotel 5 codes 1 day")

    assert "CT makes batches of 10 to 1,000 codes, not of 5." in seen.text

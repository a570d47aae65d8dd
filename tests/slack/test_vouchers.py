"""Batches of vouchers: listed, looked at, switched off and on, and their codes sent to the asker alone."""

import pytest

from bot.sandbox.ct.voucher import VOUCHERS
from bot.sandbox.slack.person import Person
from bot.services import vouchers
from tests.slack.hotel import PATH, SLUG, batches, guest_codes
from tests.slack.upsets import calls, demote, lose_answer
from tests.stage import Stage

RECEPTION = "Reception day passes"


async def test_batches_are_listed_with_trouble_first_and_nothing_to_share(stage: Stage) -> None:
    ana = await stage.link()

    seen = await ana.type("/ct vouchers harbour hotel")

    assert seen.ephemeral
    assert seen.text.startswith("4 batches of vouchers at Harbour Hotel, 1 switched off\n○ Summer terrace 2026")
    assert "● Reception day passes — 50 codes · 1 day each · made " in seen.text
    assert "Share Here" not in seen.buttons
    assert await stage.refusals() == []


async def test_a_location_without_vouchers_says_so_and_offers_to_make_some(stage: Stage) -> None:
    ana = await stage.link()
    practice = stage.ct.practice
    place = next(p for p in practice.world.locations.values() if not practice.at(VOUCHERS, p))

    seen = await ana.type(f"/ct vouchers {place.slug}")

    assert "has no vouchers yet." in seen.text
    assert seen.buttons == ["Make New Codes"]


async def test_a_missing_location_and_then_a_missing_batch_are_asked_for(stage: Stage) -> None:
    ana = await stage.link()

    await ana.type("/ct voucher")
    await ana.choose("harbour", "Harbour Hotel", until="Which batch at Harbour Hotel?")
    assert await ana.offers("recept") == [RECEPTION]
    seen = await ana.choose("recept", RECEPTION, until="unused")

    assert seen.text.startswith("Reception day passes — on. Harbour Hotel\n50 codes: ")
    assert await stage.refusals() == []


@pytest.mark.parametrize(("typed", "said"), [("zebra", "No batch at Harbour Hotel matches"), ("r", "batches")])
async def test_a_name_that_matches_none_or_several_asks_which(stage: Stage, typed: str, said: str) -> None:
    ana = await stage.link()

    seen = await ana.type(f"/ct voucher {typed} in harbour hotel")

    assert said in seen.text
    assert "Which one?" in seen.text


async def test_an_ambiguous_location_keeps_the_batch_that_was_typed(stage: Stage) -> None:
    ana = await stage.link()

    await ana.type("/ct voucher reception in harbor hotl", until="No location matches")
    seen = await ana.choose("harbour hotel", "Harbour Hotel", until="unused")

    assert "Reception day passes — on." in seen.text


async def test_the_card_counts_its_codes_and_gives_ct_s_own_files(stage: Stage) -> None:
    ana = await stage.link()
    codes = batches(stage)[RECEPTION].codes
    unused = sum(code.date_activated is None for code in codes)

    seen = await ana.type("/ct voucher reception in harbour hotel")

    assert f"50 codes: {unused} unused, {50 - unused} used" in seen.text
    assert (
        "Each gives 1 day, on 2 devices at a time, as often as guests like, with a new login after 1 day" in seen.text
    )
    assert seen.links["CT's PDF"].endswith(".pdf")
    assert seen.links["CT's CSV"].endswith(".csv")
    assert "CT's files open without a password until" in seen.text


async def test_links_that_are_over_are_not_given(stage: Stage) -> None:
    ana = await stage.link()
    batches(stage)[RECEPTION].created_at -= 40 * 86_400

    seen = await ana.type("/ct voucher reception in harbour hotel")

    assert seen.links == {}
    assert "CT's files were there for 30 days; I can still send you the codes." in seen.text


async def test_the_codes_go_to_the_asker_alone_as_text_and_as_a_file(stage: Stage) -> None:
    ana, lee = await stage.link(), stage.person("lee")
    codes = guest_codes(stage, RECEPTION)

    answer = await ana.type("/ct voucher codes reception in harbour hotel")
    assert answer.text == "50 codes of Reception day passes are in your direct messages with me."
    first = await ana.sees("The first 10 that nobody used:", channel="app", timeout=15)
    file = await ana.sees("All 50 codes for Harbour Hotel", channel="app", timeout=15)

    assert sum(code in first.text for code in codes) == 10
    assert "[reception-day-passes.csv]" in file.text
    assert not any(code in answer.text for code in codes)
    await lee.never_sees(next(code for code in codes if code in first.text))
    content = await downloaded(stage, file.raw["files"][0]["url_private"])
    assert content.count("\n") == 51
    assert all(code in content for code in codes)
    assert await stage.refusals() == []


async def downloaded(stage: Stage, url: str) -> str:
    """A file as its reader opens it."""
    answer = await stage.workspace.http.get(url)
    return answer.content.decode("utf-8-sig").replace("\r\n", "\n")


async def test_without_files_all_thousand_codes_come_in_messages(stage: Stage) -> None:
    ana = await stage.link()
    await stage.workspace.fault("files.getUploadURLExternal", error="missing_scope")
    codes = guest_codes(stage, "Autumn conference")

    await ana.type("/ct voucher codes autumn in harbour hotel", until="1,000 codes", timeout=15)
    await ana.sees("All codes of Autumn conference", channel="app", timeout=15)

    said = "".join(seen.text for seen in await ana.messages("app"))
    assert all(code in said for code in codes)
    assert await stage.refusals() == []


# --- switching a batch off and on -----------------------------------------------------------------


async def asked_off(ana: Person) -> None:
    seen = await ana.type("/ct voucher off reception in harbour hotel")
    assert seen.text.startswith("Switch off the vouchers Reception day passes at Harbour Hotel?")
    assert "stop working" in seen.text


async def test_a_batch_is_switched_off_after_one_question_and_on_at_once(stage: Stage) -> None:
    ana, lee = await stage.link(), stage.person("lee")

    await asked_off(ana)
    assert batches(stage)[RECEPTION].is_active
    await ana.click("Switch Off", until="none of its codes works now")

    assert not batches(stage)[RECEPTION].is_active
    await lee.sees("@ana switched off the vouchers Reception day passes at Harbour Hotel")

    await ana.click("Switch On Again", until="its codes work again")

    assert batches(stage)[RECEPTION].is_active
    assert await calls(stage, "PATCH", PATH) == 2
    assert await stage.refusals() == []


async def test_a_batch_that_is_off_by_now_is_left_alone(stage: Stage) -> None:
    ana = await stage.link()
    await asked_off(ana)
    batches(stage)[RECEPTION].is_active = False

    seen = await ana.click("Switch Off", until="I did not do that")

    assert "Reception day passes is switched off already." in seen.text
    assert await calls(stage, "PATCH", PATH) == 0


async def test_a_lost_answer_is_looked_into_and_not_repeated(stage: Stage) -> None:
    ana = await stage.link()
    await asked_off(ana)
    await lose_answer(stage, "PATCH", f"{PATH}/vouchers")

    await ana.click("Switch Off", until="The connection broke after I sent it")
    await ana.sees("none of its codes works now", channel="app", timeout=15)

    assert await calls(stage, "PATCH", PATH) == 1


async def test_a_request_that_never_arrived_ends_as_unknown(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vouchers, "SETTLE_SECONDS", 0.1)
    ana = await stage.link()
    await asked_off(ana)
    fault = {"kind": "drop", "method": "PATCH", "prefix": f"{PATH}/vouchers"}
    (await stage.control.post("/_practice/faults", json=fault)).raise_for_status()

    await ana.click("Switch Off", until="The connection broke after I sent it")
    seen = await ana.sees("CT still shows it as before.", channel="app", timeout=15)

    assert "I will not send it again." in seen.text
    assert batches(stage)[RECEPTION].is_active


async def test_somebody_who_may_only_look_is_told_that_ct_refused(stage: Stage) -> None:
    ana = await stage.link()
    await demote(stage)
    await asked_off(ana)

    assert "CT refused" in (await ana.click("Switch Off", until="Nothing was changed.")).text


async def test_who_is_not_linked_is_asked_to_link(stage: Stage) -> None:
    lee = stage.person("lee")

    for text in ("vouchers harbour", "voucher off x in harbour", "voucher new", "code x", "hand over x in harbour"):
        assert "I need your CT account" in (await lee.type(f"/ct {text}")).text


async def test_an_account_with_one_location_is_not_asked_where(stage: Stage) -> None:
    ana = await stage.link()
    world = stage.ct.practice.world
    for slug in [slug for slug in world.locations if slug != SLUG]:
        world.locations[slug].account_id = "A000001"

    seen = await ana.type("/ct vouchers")

    assert "4 batches of vouchers at Harbour Hotel" in seen.text

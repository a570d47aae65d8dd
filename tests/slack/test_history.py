"""`/ct history`: one timeline of CT's records and the bot's own."""

from bot.stores.audit import Audit
from tests.slack.hotel import SLUG, batches, guest_codes
from tests.stage import LOBBY, Stage


async def test_the_history_of_a_box_tells_who_did_what_newest_first(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct reboot lobby ap-3 because guests cannot log in")
    await ana.click("Reboot Lobby AP-3", wait=False)
    await ana.sees("is back", timeout=10)

    seen = await ana.type("/ct history lobby ap-3")

    assert seen.text.startswith("History of Lobby AP-3 — last: ")
    assert seen.text.count("Reboot") == 2
    first, second = seen.text.split("Reboot — ")[1:]
    assert first.startswith("it came back\n“guests cannot log in”\n")
    assert "@ana, through me" in first
    assert second.startswith("done\n41 days ago")
    assert "kim, in CT" in second
    assert seen.ephemeral
    assert await stage.refusals() == []


async def test_a_change_of_fields_is_told_without_its_secrets(stage: Stage) -> None:
    ana = await stage.link()
    stage.ct.practice.world.histories.changed(
        LOBBY,
        by="kim@venues.example",
        at=stage.ct.practice.clock() - 3600,
        changeset={"description": ["Lobby <!channel>", "Lobby AP-3"], "ssh_passwd": ["canary-old", "canary-new"]},
    )

    seen = await ana.type("/ct history lobby ap-3")

    assert "Changed: name from “Lobby <!channel>” to “Lobby AP-3”; ssh passwd (not shown)" in seen.text
    assert "kim@venues.example, in CT" in seen.text
    assert "canary" not in str(seen.raw)
    assert await stage.refusals() == []


async def test_the_history_of_a_location_holds_what_was_done_to_its_boxes(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct reboot lobby ap-3")
    await ana.click("Reboot Lobby AP-3", wait=False)
    await ana.sees("is back", timeout=10)

    seen = await ana.type("/ct history café nord")

    assert "History of Café Nord" in seen.text
    assert "Reboot of Lobby AP-3 — it came back" in seen.text


async def test_the_history_of_a_location_names_the_batches_of_vouchers_and_never_a_code(stage: Stage) -> None:
    ana = await stage.link()
    place = stage.ct.practice.world.locations[SLUG]
    name, code = "Pool <!channel>", guest_codes(stage, "Reception day passes")[0]
    batches(stage)["Reception day passes"].settings["batch_name"] = name
    await ana.type("/ct voucher off pool in harbour hotel")
    await ana.click("Switch Off", until="is switched off")
    await ana.type("/ct voucher on pool in harbour hotel", until="is on: its codes work again")
    await ana.type(f"/ct code off {code} in harbour hotel", until="Switched off.")

    seen = await ana.type("/ct history harbour hotel")

    assert f"Vouchers switched off: {name} — CT took it\n" in seen.text
    assert f"Vouchers switched on: {name} — CT took it\n" in seen.text
    assert "A voucher's code switched off — CT took it\n" in seen.text
    assert code not in str(seen.raw)
    assert "<!channel>" not in str(seen.raw)
    assert place.location_name in seen.text
    assert await stage.refusals() == []


async def test_the_history_of_a_location_names_its_networks(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct network off staff in café nord")
    await ana.click("Turn It Off", until="CT turns")

    assert "Network switched off: " in (await ana.type("/ct history café nord")).text


async def test_what_other_workspaces_did_is_not_shown(stage: Stage) -> None:
    ana = await stage.link()
    await Audit(stage.redis).record("reset_intent", operation="x", user="T9:T9:U9", box=LOBBY)

    seen = await ana.type("/ct history lobby ap-3")

    assert "Reset" not in seen.text


async def test_what_was_called_off_is_no_history(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct reboot lobby ap-3")
    await ana.click("Keep It Running")

    seen = await ana.type("/ct history lobby ap-3")

    assert seen.text.count("Reboot") == 1


async def test_a_source_that_ct_refuses_is_left_out_and_said_so(stage: Stage) -> None:
    ana = await stage.link()
    refused = {"kind": "status", "prefix": f"/api/v1/boxes/{LOBBY}/versions", "status": 403, "times": None}
    down = {"kind": "status", "prefix": f"/api/v1/boxes/{LOBBY}/operations", "status": 503, "times": None}
    for fault in (refused, down):
        (await stage.control.post("/_practice/faults", json=fault)).raise_for_status()

    seen = await ana.type("/ct history lobby ap-3")

    assert "nothing is on record" in seen.text
    assert "Without changes of its settings: your role may not see them." in seen.text
    assert "Without its jobs: CT did not answer." in seen.text


async def test_a_long_history_is_paged(stage: Stage) -> None:
    ana = await stage.link()
    now = stage.ct.practice.clock()
    for n in range(24):
        stage.ct.practice.world.histories.changed(LOBBY, by="kim", at=now - n * 60, changeset={"channel": [n, n + 1]})

    first = await ana.type("/ct history lobby ap-3")
    second = await ana.click("Next")

    assert "1–10 of 25" in first.text
    assert "11–20 of 25" in second.text


async def test_a_missing_thing_is_asked_for_among_boxes_and_locations(stage: Stage) -> None:
    ana = await stage.link()

    asked = await ana.type("/ct history")
    offers = await ana.offers("nord")
    seen = await ana.choose("lobby ap-3", "Lobby AP-3")

    assert "Which box or location?" in asked.text
    assert "Café Nord" in offers
    assert "History of Lobby AP-3" in seen.text


async def test_what_is_called_exactly_so_is_meant_and_nothing_else(stage: Stage) -> None:
    ana = await stage.link()

    several = await ana.type("/ct history lobby")
    none = await ana.type("/ct history atlantis")

    assert "match “lobby”. Which one?" in several.text
    assert "No box or location matches atlantis." in none.text
    assert await stage.refusals() == []


async def test_who_is_not_linked_is_asked_to_connect_first(stage: Stage) -> None:
    seen = await stage.person("ana").type("/ct history lobby ap-3")

    assert "Connect CT" in seen.buttons


async def test_a_change_made_through_the_bot_stands_there_once_with_what_it_changed(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct mute lobby ap-3 for 2h because it is being moved", until="You muted")

    seen = await ana.type("/ct history lobby ap-3")

    assert "Mute — CT took it: muted from no to yes\n“it is being moved”\n" in seen.text
    assert "ana@venues.example, in CT" not in seen.text

"""Guests' devices: counted for everybody who asks, shown to the asker alone, and changed with one question."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from bot.errors import UsageError
from bot.sandbox.slack.seen import Seen
from bot.services.devices import FEW_LOCATIONS, device_key
from bot.slack.commands.client import WHATS, ClientArgs
from bot.slack.grammar import compose, parse
from tests.stage import LOBBY, Stage, staged

PLACE = "café nord"
MAC = re.compile(r"(?:[0-9A-F]{2}-){5}[0-9A-F]{2}")
octets = st.lists(st.integers(0, 255), min_size=6, max_size=6)


async def changes(stage: Stage) -> int:
    """How many changes of devices reached CT."""
    routes = (await stage.counts())["routes"]
    return sum(number for route, number in routes.items() if "/clients/" in route and not route.startswith("GET"))


async def device(stage: Stage, state: str = "logged in") -> tuple[Any, str]:
    """Ana, and the address of a device that is online and in that state."""
    ana = await stage.link()
    await ana.type(f"/ct clients {PLACE}")
    for _ in range(6):
        seen = (await ana.messages())[-1]
        for mac, words in re.findall(rf"({MAC.pattern})\n([^\n]*)", seen.text):
            if words.startswith(f"online · {state}"):
                return ana, mac
        await ana.click("Next")
    raise AssertionError(f"no device is {state}")


async def test_devices_are_counted_by_network_and_shown_to_the_asker_alone(stage: Stage) -> None:
    ana, lee = await stage.link(), stage.person("lee")

    seen = await ana.type(f"/ct clients {PLACE}")

    assert re.match(r"\d+ devices online at Café Nord\nCafé Nord Guests: \d+", seen.text)
    assert MAC.search(seen.text)
    assert seen.ephemeral
    assert "Share Here" not in seen.buttons
    assert "canary" not in str(seen.raw)
    await lee.never_sees("devices online")
    assert await stage.refusals() == []


async def test_the_count_alone_is_shared(stage: Stage) -> None:
    ana, lee = await stage.link(), stage.person("lee")
    await ana.type(f"/ct clients {PLACE}")

    await ana.click("Share the Count")

    shared = await lee.sees("Shared by")
    assert re.match(r"\d+ devices online at Café Nord\nCafé Nord Guests: \d+", shared.text)
    assert not MAC.search(shared.text)
    assert shared.buttons == []
    assert "Share Here" in (await ana.type(f"/ct clients count {PLACE}")).buttons
    assert await stage.refusals() == []


async def test_the_devices_of_a_box_are_those_on_it(stage: Stage) -> None:
    ana = await stage.link()

    seen = await ana.type(f"/ct clients {LOBBY}")

    assert "online at Lobby AP-3" in seen.text


async def test_a_missing_place_is_asked_for(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct clients")

    assert "online at Café Nord" in (await ana.choose("café nord", "Café Nord")).text


async def test_a_device_is_logged_out_once_and_nobody_is_told(stage: Stage) -> None:
    ana, mac = await device(stage)
    lee = stage.person("lee")

    card = await ana.type(f"/ct client {mac.lower().replace('-', ':')} in {PLACE}")
    assert {"Log Out…", "Block…", "Let Pass"} <= set(card.buttons)
    asked = await ana.click("Log Out…")
    assert asked.text.startswith("Log this device out at Café Nord?")
    assert await changes(stage) == 0
    await ana.click("Log Out", until="is logged out")

    assert "at the login page" in (await ana.click("Look")).text
    assert await changes(stage) == 1
    await lee.never_sees("device")
    kept = f"{await stage.audit()}{[await stage.redis.dump(key) for key in await stage.redis.keys('ct:op:*')]}"
    assert mac not in kept
    assert await stage.refusals() == []


async def test_what_is_not_logged_in_has_no_log_out(stage: Stage) -> None:
    ana, mac = await device(stage, "at the login page")

    card = await ana.type(f"/ct client {mac} in {PLACE}")
    seen = await ana.type(f"/ct client log out {mac} in {PLACE}")

    assert "Log Out…" not in card.buttons
    assert "This device is not logged in. Nothing was changed." in seen.text


async def test_blocking_is_asked_and_unblocking_is_done(stage: Stage) -> None:
    ana, mac = await device(stage)
    await ana.type(f"/ct client block {mac} in {PLACE}")
    await ana.click("Block", until="The device is blocked at Café Nord.")

    assert "is blocked already" in (await ana.type(f"/ct client block {mac} in {PLACE}")).text
    assert "no longer blocked" in (await ana.type(f"/ct client unblock {mac} in {PLACE}")).text
    assert await changes(stage) == 2


async def test_a_device_may_pass_until_it_is_asked_for_a_login_again(stage: Stage) -> None:
    ana, mac = await device(stage, "at the login page")

    assert "passes without a login page now" in (await ana.type(f"/ct client let pass {mac} in {PLACE}")).text
    await ana.click("Ask for a Login…")
    assert "has to log in from now on" in (await ana.click("Ask for a Login", until="from now on")).text


async def test_a_device_without_a_location_asks_for_it(stage: Stage) -> None:
    ana, mac = await device(stage)
    await ana.type(f"/ct client {mac}")

    assert mac in (await ana.choose("café nord", "Café Nord")).text


async def test_a_small_account_needs_no_location(redis: Redis, redis_url: str) -> None:
    async with staged(redis, redis_url, locations=FEW_LOCATIONS, boxes=60) as stage:
        ana, mac = await device(stage)

        card = await ana.type(f"/ct client {mac}")
        nowhere = await ana.type("/ct client 00:00:00:00:00:01")

    assert mac in card.text
    assert "at Café Nord" in card.text
    assert "knows no such device at any of your 10 locations. Nothing was changed." in nowhere.text


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("client nonsense in café nord", "as a hardware address"),
        ("client 00:00:00:00:00:01 in café nord", "knows no such device"),
        ("client in café nord", "Which device?"),
        ("client", "At which location"),
    ],
)
async def test_what_is_missing_or_wrong_is_said(stage: Stage, typed: str, words: str) -> None:
    ana = await stage.link()

    seen: Seen = await ana.type(f"/ct {typed}")

    assert words in seen.text


async def test_a_lost_answer_is_one_call(stage: Stage) -> None:
    ana, mac = await device(stage)
    fault = {"kind": "drop", "prefix": "/api/v1/locations/", "method": "PATCH", "after": True}
    (await stage.control.post("/_practice/faults", json=fault)).raise_for_status()
    await ana.type(f"/ct client block {mac} in {PLACE}")

    await ana.click("Block", until="may or may not have reached CT")

    await ana.sees("The device is blocked at Café Nord.", channel="app", timeout=10)
    assert await changes(stage) == 1


async def test_a_log_out_whose_answer_was_lost_is_looked_into(stage: Stage) -> None:
    ana, mac = await device(stage)
    fault = {"kind": "drop", "prefix": "/api/v1/locations/", "method": "POST", "after": True}
    (await stage.control.post("/_practice/faults", json=fault)).raise_for_status()
    await ana.type(f"/ct client log out {mac} in {PLACE}")

    await ana.click("Log Out", until="may or may not have reached CT")

    await ana.sees("The device is logged out at Café Nord.", channel="app", timeout=10)
    assert await changes(stage) == 1


async def test_a_role_that_may_only_look_is_refused_in_words(stage: Stage) -> None:
    ana, mac = await device(stage)
    (await stage.control.patch("/_practice/people/ana@venues.example", json={"role_id": 140})).raise_for_status()

    assert "CT refused" in (await ana.type(f"/ct client let pass {mac} in {PLACE}")).text
    assert await changes(stage) == 1


async def test_who_is_not_linked_is_asked_to_link(stage: Stage) -> None:
    assert "I need your CT account" in (await stage.person("lee").type(f"/ct clients {PLACE}")).text


@given(octets, st.sampled_from([":", "-", ".", " ", ""]), st.booleans())
def test_a_mac_is_read_in_every_usual_spelling(octets: list[int], between: str, upper: bool) -> None:
    written = between.join(f"{octet:02X}" if upper else f"{octet:02x}" for octet in octets)

    assert device_key(written) == "-".join(f"{octet:02X}" for octet in octets)


@given(st.text(max_size=60))
def test_what_is_no_address_is_refused_with_an_example(text: str) -> None:
    try:
        key = device_key(text)
    except UsageError as error:
        assert "hardware address" in str(error)
    else:
        assert MAC.fullmatch(key) or key.isdecimal()


@given(octets, st.sampled_from([None, *WHATS]), st.sampled_from([None, "cafe-nord-b59a3e", "Block 9", "Inn in Town"]))
def test_what_is_typed_about_a_device_is_read_back(octets: list[int], what: str | None, place: str | None) -> None:
    args = ClientArgs("-".join(f"{octet:02X}" for octet in octets), what, place)

    assert parse(ClientArgs, compose("client", args).removeprefix("client").strip(), typed="/ct client") == args

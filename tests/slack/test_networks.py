"""Networks: looking, switching, changing a password that nobody may read, sharing privately."""

import json
from typing import Any

import pytest

from bot.sandbox.slack.looking import NotSeenError
from tests.stage import Stage

PASSWORD = "canary-new-password-42"
TO = "guest-canary@mail.example"
PLACE = "café nord"


async def changes(stage: Stage) -> int:
    """How many PATCHes and POSTs to networks reached CT."""
    routes = (await stage.counts())["routes"]
    return sum(number for route, number in routes.items() if "/networks/" in route and not route.startswith("GET"))


async def fault(stage: Stage, **more: Any) -> None:
    """Break the next change after it was made."""
    how = {"kind": "drop", "prefix": "/api/v1/locations/", "method": "PATCH", "after": True}
    (await stage.control.post("/_practice/faults", json=how | more)).raise_for_status()


async def kept(stage: Stage) -> str:
    """Everything in the bot's store."""
    found: list[Any] = []
    redis: Any = stage.redis
    for key in await redis.keys("*"):
        kind = (await redis.type(key)).decode()
        if kind == "string":
            found.append(await redis.get(key))
        elif kind == "hash":
            found.append(await redis.hgetall(key))
        elif kind == "stream":
            found.append(await redis.xrange(key))
    return f"{found}"


async def written(stage: Stage) -> str:
    """Everything in the bot's store, and everything that it told Slack."""
    return f"{await kept(stage)}{[call['arguments'] for call in await stage.workspace.calls()]}"


async def test_the_list_says_of_each_network_whether_it_is_on_and_how_one_gets_in(stage: Stage) -> None:
    ana = await stage.link()

    seen = await ana.type(f"/ct networks {PLACE}")

    assert "3 networks at Café Nord, 2 on" in seen.text
    assert "on · open · login page · 2.4 and 5 GHz" in seen.text
    assert "Café Nord Events\noff · " in seen.text
    assert "canary-key" not in str(seen.raw)
    assert await stage.refusals() == []


async def test_a_location_that_is_missing_is_asked_for(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct networks")

    assert "3 networks at Café Nord" in (await ana.choose("nord", "Café Nord")).text


async def test_turning_off_says_who_is_hurt_and_asks_once(stage: Stage) -> None:
    ana, lee = await stage.link(), stage.person("lee")

    asked = await ana.type(f"/ct network off staff in {PLACE}")

    assert asked.text.startswith("Turn Café Nord Staff at Café Nord off?\nThe boxes there sync, which is a short loss")
    assert "online there now" in asked.text
    assert await changes(stage) == 0

    await ana.click("Turn It Off", until="CT turns")

    await lee.sees("@ana turned the network Café Nord Staff at Café Nord off")
    assert "is off already" in (await ana.type(f"/ct network off staff in {PLACE}")).text

    await ana.type(f"/ct network on staff in {PLACE}")
    await ana.click("Turn It On", until="CT turns")

    assert await changes(stage) == 2
    assert await stage.refusals() == []


async def test_what_is_missing_is_picked_location_first(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct network off")
    await ana.choose("nord", "Café Nord")

    assert (await ana.choose("staff", "Café Nord Staff")).text.startswith("Turn Café Nord Staff")


async def test_a_name_of_several_networks_is_asked_for(stage: Stage) -> None:
    ana = await stage.link()

    seen = await ana.type(f"/ct network off nord in {PLACE}")

    assert "is not exactly one network of Café Nord. Which one?" in seen.text
    assert (await ana.choose("staff", "Café Nord Staff")).text.startswith("Turn Café Nord Staff")


async def test_a_lost_answer_is_one_call(stage: Stage) -> None:
    ana = await stage.link()
    await fault(stage)
    await ana.type(f"/ct network off staff in {PLACE}")

    await ana.click("Turn It Off", until="may or may not have reached CT")

    await ana.sees("CT turns Café Nord Staff off.", channel="app", timeout=10)
    await stage.person("lee").sees("@ana turned the network Café Nord Staff at Café Nord off")
    assert await changes(stage) == 1
    assert await stage.refusals() == []


async def test_a_new_name_whose_answer_was_lost_is_looked_for(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type(f"/ct network edit staff in {PLACE}")
    await fault(stage)

    await ana.submit({"ssid": "Nord Crew", "encryption_key": PASSWORD})

    await ana.sees("Nord Crew is changed.", channel="app", timeout=10)
    assert PASSWORD not in await written(stage)
    assert await changes(stage) == 1


async def test_a_password_whose_answer_was_lost_is_not_claimed_to_be_in_force(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type(f"/ct network edit staff in {PLACE}")
    await fault(stage)

    await ana.submit({"encryption_key": PASSWORD})

    told = await ana.sees("Look which password is in force: /ct wifi", channel="app", timeout=10)
    assert "may or may not have reached CT" in told.text
    assert PASSWORD not in await written(stage)
    assert await changes(stage) == 1


async def test_a_password_that_ct_repeats_in_its_refusal_is_kept_nowhere(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type(f"/ct network edit staff in {PLACE}")
    body = json.dumps({"errors": {"base": [f"“{PASSWORD}” was used before."]}})
    await fault(stage, kind="status", after=False, status=422, body=body)

    form = await ana.submit({"encryption_key": PASSWORD})

    assert form is not None
    assert "“…” was used before." in form.text
    assert PASSWORD not in await written(stage)


async def test_a_role_that_may_only_look_is_refused_in_words(stage: Stage) -> None:
    ana = await stage.link()
    (await stage.control.patch("/_practice/people/ana@venues.example", json={"role_id": 140})).raise_for_status()
    await ana.type(f"/ct network off staff in {PLACE}")

    assert "Nothing was changed." in (await ana.click("Turn It Off", until="CT refused")).text


async def test_a_new_password_reaches_ct_and_is_written_nowhere(
    stage: Stage, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    ana, lee = await stage.link(), stage.person("lee")
    form = await ana.type(f"/ct network edit staff in {PLACE}")
    assert "canary-key" not in str(form.raw)

    await ana.submit({"encryption_key": PASSWORD})

    await ana.sees("Café Nord Staff is changed.")
    await lee.sees("@ana changed the network Café Nord Staff at Café Nord")
    assert PASSWORD not in await written(stage)
    assert PASSWORD not in "".join(capfd.readouterr()) + caplog.text
    assert PASSWORD in (await ana.type(f"/ct wifi {PLACE}")).text
    assert await changes(stage) == 1
    assert await stage.refusals() == []


async def test_a_refused_password_is_said_at_its_field_and_not_drawn_again(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type(f"/ct network edit staff in {PLACE}")

    with pytest.raises(NotSeenError, match="Give 8 to 32 characters"):
        await ana.submit({"encryption_key": "short"})
    with pytest.raises(NotSeenError, match="Nothing is changed yet"):
        await ana.submit({"encryption_key": ""})
    assert await changes(stage) == 0

    await ana.submit({"ssid": "Nord Crew"})
    await ana.sees("Nord Crew is changed.")


async def test_what_ct_refuses_of_no_field_stands_above_the_form_without_the_password(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type(f"/ct network edit staff in {PLACE}")
    (await stage.control.patch("/_practice/people/ana@venues.example", json={"role_id": 140})).raise_for_status()

    form = await ana.submit({"ssid": "Nord Crew", "encryption_key": PASSWORD})

    assert form is not None
    assert "Nord Crew" in str(form.raw)
    assert PASSWORD not in str(form.raw["blocks"])
    assert PASSWORD not in await written(stage)


async def test_the_wifi_is_shown_to_the_asker_alone(stage: Stage) -> None:
    ana, lee = await stage.link(), stage.person("lee")

    seen = await ana.type(f"/ct wifi {PLACE}")

    assert seen.ephemeral
    assert "Café Nord Staff\nPassword: canary-key-" in seen.text
    assert "Share Here" not in seen.buttons
    await lee.never_sees("canary-key")
    assert await stage.refusals() == []


async def test_ct_sends_the_details_by_email_and_the_address_is_kept_nowhere(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type(f"/ct wifi {PLACE}")
    await ana.click("Send Details…")
    with pytest.raises(NotSeenError, match="whole e-mail address"):
        await ana.submit({"share_to": "nobody"})

    await ana.submit({"share_to": TO})

    await ana.sees("CT sends the details of Café Nord Staff by e-mail.")
    [sent] = (await stage.control.get("/_practice/shares")).json()["shares"]
    assert (sent["share_type"], sent["share_to"]) == ("email", TO)
    assert TO not in await written(stage)


async def test_ct_sends_the_details_by_sms_to_a_number_however_it_is_written(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type(f"/ct wifi share staff in {PLACE}")
    with pytest.raises(NotSeenError, match="one phone number"):
        await ana.submit({"share_type": "sms", "share_to": "call me"})

    await ana.submit({"share_type": "sms", "share_to": "+44 7700 900-123"})

    await ana.sees("CT sends the details of Café Nord Staff by SMS.")
    [sent] = (await stage.control.get("/_practice/shares")).json()["shares"]
    assert (sent["share_type"], sent["share_to"]) == ("sms", "+447700900123")
    assert "7700900123" not in await written(stage)
    assert await stage.refusals() == []


async def test_radius_is_tested_and_the_failure_is_cts_own_sentence(stage: Stage) -> None:
    ana = await stage.link()
    places = (await stage.control.get("/_practice/log")).json()
    assert places
    for place in (PLACE, "harbour", "city library"):
        seen = await ana.type(f"/ct network test events in {place}")
        if "RADIUS test of" in seen.text:
            break

    assert "works. CT says: Access-Accept" in seen.text
    await stage.turn(radtest="fails")
    again = await ana.type(f"/ct network test events in {place}")
    assert "failed. CT says: The RADIUS server did not respond." in again.text


async def test_what_has_no_radius_is_not_tested(stage: Stage) -> None:
    ana = await stage.link()

    seen = await ana.type(f"/ct network test staff in {PLACE}")

    assert "does not use a RADIUS server" in seen.text
    assert await changes(stage) == 0


@pytest.mark.parametrize("typed", ["networks", "network off staff in", "wifi", "network edit staff in"])
async def test_who_is_not_linked_is_asked_to_link(stage: Stage, typed: str) -> None:
    assert "I need your CT account" in (await stage.person("lee").type(f"/ct {typed} {PLACE}")).text

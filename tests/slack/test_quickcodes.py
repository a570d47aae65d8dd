"""The password that all guests share: seen by the asker alone, made in a form, deleted after one question."""

from typing import Any

import pytest

from bot.sandbox.slack.looking import NotSeenError
from tests.stage import Stage

PATH = "/api/v1/locations/{location}/splash_codes"
HARBOUR = "harbour hotel"


async def sent(stage: Stage, method: str) -> int:
    """How many changes of shared passwords reached CT."""
    routes: dict[str, Any] = (await stage.counts())["routes"]
    return sum(int(n) for route, n in routes.items() if route.startswith(f"{method} ") and "splash_codes" in route)


async def test_a_new_password_is_made_once_and_shown_to_the_asker_alone(stage: Stage) -> None:
    ana, lee = await stage.link(), stage.person("lee")

    form = await ana.type(f"/ct quickcode new {HARBOUR}")
    assert form.kind == "view"
    await ana.submit({"password": "sunny42", "expires": "8 h"})
    await ana.sees("has a new shared password")
    shown = await ana.click("Show Passwords", until="sunny42")

    assert shown.ephemeral
    assert "works until" in shown.text
    assert await sent(stage, "POST") == 1
    await lee.sees("@ana made a new shared password for guests at Harbour Hotel")
    await lee.never_sees("sunny42")
    assert not any("sunny42" in str(row) for row in await stage.audit())
    assert await stage.refusals() == []


async def test_one_question_before_it_is_deleted(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type(f"/ct quickcode new {HARBOUR}")
    await ana.submit({"password": "sunny42"})
    await ana.sees("has a new shared password")

    asked = await ana.type(f"/ct quickcode delete sunny42 in {HARBOUR}")
    assert "Nobody can log in with it any more" in asked.text
    assert await sent(stage, "DELETE") == 0
    await ana.click("Delete It", until="is deleted")

    assert await sent(stage, "DELETE") == 1
    assert "sunny42" not in (await ana.type(f"/ct quickcode {HARBOUR}")).text
    assert await stage.refusals() == []


async def test_what_cannot_be_is_said_at_the_field_and_what_was_typed_stays(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type(f"/ct quickcode new {HARBOUR}")

    with pytest.raises(NotSeenError, match="length of time"):
        await ana.submit({"password": "sunny42", "expires": "soon"})

    assert await sent(stage, "POST") == 0
    await ana.submit({"password": "sunny42", "expires": "1 day"})
    await ana.sees("has a new shared password")


async def test_a_free_plan_is_told_in_the_words_of_ct(stage: Stage) -> None:
    ana = await stage.link()
    await stage.turn(plan="free")
    await ana.type(f"/ct quickcode new {HARBOUR}")

    form = await ana.submit({"password": "sunny42"})

    assert form is not None
    assert "not available on the free plan" in form.text


async def test_a_lost_answer_is_looked_into_and_nothing_is_sent_twice(stage: Stage) -> None:
    ana = await stage.link()
    await stage.turn(creation="dropped")
    await ana.type(f"/ct quickcode new {HARBOUR}")

    await ana.submit({"password": "sunny42"})

    await ana.sees("has a new shared password", channel="app", timeout=10)
    assert await sent(stage, "POST") == 1


async def test_without_a_location_it_asks_which(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct quickcode")

    assert "Harbour Hotel" in (await ana.choose("harbour hotel", "Harbour Hotel")).text


async def test_who_is_not_linked_is_asked_to_link(stage: Stage) -> None:
    assert "I need your CT account" in (await stage.person("lee").type(f"/ct quickcode {HARBOUR}")).text

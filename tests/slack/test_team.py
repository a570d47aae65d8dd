"""`/ct team` and `/ct team role`: who may do what, for the asker alone; another role after one question."""

import re

import pytest
from hypothesis import given

from bot.ct import CTConnectionError, CTUser, LocationUser
from bot.services import team
from bot.services.team import by_role, called
from bot.slack.views import team as views
from tests.slack.drawing import NOW, check
from tests.slack.strangers import Strangers, strangers
from tests.slack.test_invite import TYPED, listed
from tests.slack.test_networks import kept
from tests.slack.upsets import calls, demote, lose_answer
from tests.stage import Stage

INVITES = "/api/v1/invites"
LEE = "lee@venues.example"


def role_of(stage: Stage, email: str = LEE) -> int:
    """The role that CT has."""
    person = stage.ct.world.person(email)
    assert person is not None
    return person.role_id


async def test_the_team_is_names_and_roles_without_addresses_for_the_asker_alone(stage: Stage) -> None:
    ana, lee = await stage.link(), stage.person("lee")
    await listed(stage, quick=0.0)
    await ana.type(TYPED)
    await ana.submit()
    await ana.sees("is invited to Harbour Hotel", channel="app", timeout=10)

    seen = await ana.type("/ct team harbour hotel")

    assert seen.text.startswith("4 people may use CT at Harbour Hotel, 1 invited")
    rows = [line for line in seen.text.splitlines() if line[:1] in "●○"]
    assert rows[:4] == ["● ana — Owner", "● kim — Administrator", "● lee — Editor", "● ivy — Observer"]
    assert re.fullmatch(r"○ Not there yet — Editor · invited (just now|\d+ s ago)", rows[4])
    assert "@" not in seen.text.replace("@ana", "")
    assert seen.ephemeral
    assert seen.buttons == ["Refresh", "Invite a Colleague…"]
    await lee.never_sees("may use CT at")
    form = await ana.click("Invite a Colleague…")
    assert "to Harbour Hotel" in form.text
    assert await stage.refusals() == []


async def test_a_team_without_a_location_asks_which(stage: Stage) -> None:
    ana = await stage.link()

    await ana.type("/ct team")

    assert "may use CT at Café Nord" in (await ana.choose("café nord", "Café Nord")).text


async def test_a_colleague_gets_another_role_after_one_question(stage: Stage) -> None:
    ana, kim = await stage.link(), stage.person("kim")
    await listed(stage)
    await ana.type("/ct team harbour hotel")

    asked = await ana.menu("lee", "Make Observer…")
    assert asked.text.startswith("Make lee Observer at Harbour Hotel?\nEditor now. CT does not publish what each role")
    assert await calls(stage, "PATCH", INVITES) == 0
    await ana.click("Make Observer", until="CT is making lee Observer at Harbour Hotel. I tell you when it shows.")

    await ana.sees("You made lee Observer at Harbour Hotel.", channel="app", timeout=10)
    await kim.sees("@ana made lee Observer at Harbour Hotel")
    assert role_of(stage) == 140
    assert await calls(stage, "PATCH", INVITES) == 1
    assert LEE not in await kept(stage)
    assert await stage.refusals() == []


async def test_what_is_missing_is_asked_for_piece_by_piece(stage: Stage) -> None:
    ana = await stage.link()

    await ana.type("/ct team role")
    await ana.choose("harbour hotel", "Harbour Hotel", until="Whose role at Harbour Hotel?")
    assert await ana.offers("") == ["kim", "lee", "ivy"]
    which = await ana.choose("lee", "lee", until="lee is Editor at Harbour Hotel. Which role?")
    assert which.buttons == ["Administrator…", "Supporter…", "Observer…"]

    assert (await ana.click("Supporter…")).text.startswith("Make lee Supporter at Harbour Hotel?")


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("zebra in harbour hotel as editor", "Nobody at Harbour Hotel matches “zebra”. Who is meant?"),
        ("lee in harbour hotel as editor", "lee has that role already."),
        ("ana in harbour hotel as editor", "ana is the owner, and stays it."),
        ("ana in harbour hotel", "ana is the owner of Harbour Hotel, and stays it."),
        ("lee in harbour hotel as owner", "I invite nobody as Owner"),
        ("lee in harbour hotel as boss", "I don't know the role “boss”."),
    ],
)
async def test_what_cannot_be_is_said_before_the_question(stage: Stage, typed: str, told: str) -> None:
    ana = await stage.link()

    assert told in (await ana.type(f"/ct team role {typed}")).text
    assert await calls(stage, "PATCH", INVITES) == 0


async def test_a_lost_answer_is_looked_into_and_not_repeated(stage: Stage) -> None:
    ana = await stage.link()
    await listed(stage)
    await ana.type("/ct team role lee in harbour hotel as observer")
    await lose_answer(stage, "PATCH", INVITES)

    await ana.click("Make Observer", until="it may or may not have reached CT. I look whether CT shows the new role")

    await ana.sees("You made lee Observer at Harbour Hotel.", channel="app", timeout=10)
    assert await calls(stage, "PATCH", INVITES) == 1


async def test_a_role_that_does_not_show_is_not_claimed(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(team, "PATIENCE", 0.0)
    ana = await stage.link()
    await stage.turn(invites="fail")
    await ana.type("/ct team role lee in harbour hotel as observer")
    await ana.click("Make Observer", until="CT is making lee")

    told = await ana.sees("CT still shows the role as it was before.", channel="app", timeout=10)

    assert "I could not see how it ended" in told.text
    assert role_of(stage) == 120


async def test_who_may_not_is_told_and_nothing_is_changed(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct team role lee in harbour hotel as observer")
    await demote(stage)

    assert "Nothing was changed." in (await ana.click("Make Observer", until="CT refused")).text


async def test_a_person_whom_ct_no_longer_lists_is_not_changed(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct team role lee in harbour hotel as observer")
    stage.ct.world.people[:] = [one for one in stage.ct.world.people if one.email != LEE]

    told = await ana.click("Make Observer", until="I did not do that")

    assert "CT does not list lee there any more.\nNothing was changed." in told.text
    assert await calls(stage, "PATCH", INVITES) == 0


async def test_a_list_that_breaks_before_the_change_means_that_nothing_was_sent(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, reads = team.colleagues, list[str]()

    async def breaking(ct: CTUser, loc: str) -> list[LocationUser]:
        reads.append(loc)
        if len(reads) > 1:  # the first is the check before the call
            raise CTConnectionError("locations.users: CT hung up", maybe_acted=True)
        return await read(ct, loc)

    ana = await stage.link()
    await ana.type("/ct team role lee in harbour hotel as observer")
    monkeypatch.setattr(team, "colleagues", breaking)

    told = await ana.click("Make Observer", until="I did not do that")

    assert "so I sent nothing.\nNothing was changed." in told.text
    assert len(reads) == 2
    assert await calls(stage, "PATCH", INVITES) == 0


def stranger(some: Strangers) -> LocationUser:
    return LocationUser(
        slug=some.id(),
        email=some.words(),
        username=some.words(),
        role_id=some.maybe(lambda: some.dice.choice((100, 110, 120, 130, 140, 205, some.number()))),
        is_owner=some.flag(),
        state=some.dice.choice((None, "active", "invited", some.text())),
        created_at=some.time(),
    )


@given(strangers())
def test_a_team_of_anybody_is_what_we_wrote(some: Strangers) -> None:
    there = some.several(lambda: stranger(some), 25)

    check(views.team(some.place(), there, page=some.number(), now=NOW))


def test_an_address_in_place_of_a_name_is_cut_and_one_in_place_of_an_id_is_not_shown() -> None:
    there = [
        LocationUser(slug="1", username="pat@x.example", role_id=120, state="active"),
        LocationUser(slug="canary@y.example", email="canary@y.example", role_id=130),
    ]
    reply = views.team(Strangers(3).place(), there, page=1, now=NOW)

    assert "@" not in str([block.to_dict() for block in reply.blocks[1:3]])
    assert "canary" not in str([block.to_dict() for block in reply.blocks])
    assert [one.slug for one in by_role(there[::-1])] == ["1", "canary@y.example"]
    assert called(there, "canary") == []

"""`/ct invite`: a colleague asked once, in one form, and their address nowhere."""

import json
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ct import LocationUser
from bot.errors import UsageError
from bot.sandbox.slack.blocks import check_view
from bot.sandbox.slack.looking import NotSeenError
from bot.services import team
from bot.services.team import mark_for
from bot.slack.commands.invite import FORM, InviteArgs
from bot.slack.context import Context
from bot.slack.forms import Filled, FormProblems
from bot.slack.grammar import parse, tidy
from bot.slack.roles import read_role
from bot.slack.text import name
from tests.slack.drawing import check_markdown, markdown
from tests.slack.strangers import Strangers, strangers
from tests.slack.test_networks import kept
from tests.slack.upsets import calls, lose_answer
from tests.stage import Stage

TO = "Canary.Colleague@Mail.example"
INVITES = "/api/v1/invites"
TYPED = f"/ct invite {TO} to harbour hotel as editor"
NOBODY = "does not list that person there so far"


async def listed(stage: Stage, *, quick: float = 0.2) -> None:
    await stage.turn(invite_seconds=quick)


async def test_one_form_says_where_and_what_is_known_of_roles_and_the_colleague_is_invited(stage: Stage) -> None:
    ana, lee = await stage.link(), stage.person("lee")
    await listed(stage)

    form = await ana.type(TYPED)
    assert form.kind == "view"
    assert "CT invites a colleague to Harbour Hotel. I keep their address nowhere." in form.text
    assert "CT does not publish what each role may do." in form.text
    assert "Owner" not in str(form.raw)
    assert await calls(stage, "POST", INVITES) == 0
    await ana.submit()

    await ana.sees("CT is inviting your colleague to Harbour Hotel as Editor.")
    told = await ana.sees("Your colleague is invited to Harbour Hotel as Editor.", channel="app", timeout=10)
    assert "CT lists them as “invited”." in told.text
    await lee.sees("@ana invited a colleague to Harbour Hotel as Editor")
    await lee.never_sees("anary")
    assert await calls(stage, "POST", INVITES) == 1
    assert await stage.refusals() == []


async def test_the_address_is_written_nowhere(
    stage: Stage, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    ana = await stage.link()
    await listed(stage)
    await ana.type(TYPED)
    await ana.submit()
    await ana.sees("is invited to Harbour Hotel", channel="app", timeout=10)
    form_calls = [call for call in await stage.workspace.calls() if call["method"] != "views.open"]

    assert TO.casefold() not in (await kept(stage)).casefold()
    assert TO.casefold() not in str([call["arguments"] for call in form_calls]).casefold()
    assert TO.casefold() not in ("".join(capfd.readouterr()) + caplog.text).casefold()


async def test_nothing_typed_opens_a_form_that_asks_for_all(stage: Stage) -> None:
    ana = await stage.link()
    await listed(stage)

    form = await ana.type("/ct invite")
    assert "to one of your locations" in form.text
    await ana.choose("café nord", "Café Nord")
    await ana.submit({"email": TO, "role_id": "140"})

    await ana.sees("is invited to Café Nord as Observer.", channel="app", timeout=10)
    assert await calls(stage, "POST", INVITES) == 1


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("lee to harbour hotel", "Give one whole e-mail address"),
        ("a@b.example as owner", "I invite nobody as Owner"),
        ("a@b.example as boss", "I don't know the role “boss”. There are Administrator, Editor, Supporter, Observer."),
        ("a@b.example to zzzzzz", "No location matches “zzzzzz”."),
        ("a@b.example to hotel", "locations match “hotel”. Which one?"),
    ],
)
async def test_what_is_wrong_stands_at_its_field(stage: Stage, typed: str, told: str) -> None:
    ana = await stage.link()

    form = await ana.type(f"/ct invite {typed}")

    assert f"⚠ {told}" in form.text or told in form.text
    assert await calls(stage, "POST", INVITES) == 0
    assert "a@b.example" not in await kept(stage)


@pytest.mark.parametrize(
    "typed",
    [
        "lee@mail.example harbour hotel",
        "to “harbour hotel” as editor",
    ],
)
async def test_a_location_is_understood_as_people_write_it(stage: Stage, typed: str) -> None:
    ana = await stage.link()

    form = await ana.type(f"/ct invite {typed}")

    assert "CT invites a colleague to Harbour Hotel." in form.text


async def test_the_form_stays_until_all_of_it_is_right(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct invite to harbour hotel")

    with pytest.raises(NotSeenError, match="Give one whole e-mail address"):
        await ana.submit({"email": "two@a.example, three@b.example", "role_id": "120"})
    with pytest.raises(NotSeenError, match="This person is there already, as Administrator"):
        await ana.submit({"email": "KIM@venues.example", "role_id": "120"})

    assert await calls(stage, "POST", INVITES) == 0


async def test_a_form_that_was_sent_without_its_choices_comes_back() -> None:
    filled = Filled(values={"email": TO, "role_id": "100"})

    with pytest.raises(FormProblems) as wrong:
        await FORM.submit(cast("Context", None), filled)

    assert wrong.value.problems == {"role_id": "Choose a role.", "location": "Choose a location."}


async def test_who_was_invited_already_is_not_invited_again(stage: Stage) -> None:
    ana = await stage.link()
    await listed(stage, quick=0.0)
    await ana.type(TYPED)
    await ana.submit()
    await ana.sees("is invited to Harbour Hotel", channel="app", timeout=10)
    await ana.type(TYPED)

    with pytest.raises(NotSeenError, match="This person is there already, as Editor"):
        await ana.submit()


async def test_ct_s_refusal_stands_at_its_field_and_the_record_holds_no_address(stage: Stage) -> None:
    ana = await stage.link()
    await stage.turn(invites="unlisted")
    fault: dict[str, Any] = {"kind": "status", "method": "POST", "prefix": INVITES, "status": 422}
    fault["body"] = json.dumps({"errors": {"email": [f"{TO.lower()} has already been invited"]}})
    (await stage.control.post("/_practice/faults", json=fault)).raise_for_status()
    await ana.type(TYPED)

    with pytest.raises(NotSeenError, match="… has already been invited"):
        await ana.submit()

    assert TO.casefold() not in (await kept(stage)).casefold()


async def test_who_may_not_invite_is_told_so_in_the_form(stage: Stage) -> None:
    lee = await stage.link("lee")
    await lee.type(TYPED)

    form = await lee.submit()

    assert form is not None
    assert "You are not allowed to do that." in form.text
    assert await calls(stage, "POST", INVITES) == 1


async def test_a_lost_answer_is_looked_into_and_not_repeated(stage: Stage) -> None:
    ana = await stage.link()
    await listed(stage)
    await lose_answer(stage, "POST", INVITES)
    await ana.type(TYPED)
    await ana.submit()

    await ana.sees("it may or may not have reached CT. I look whether CT lists your colleague")
    await ana.sees("Your colleague is invited to Harbour Hotel as Editor.", channel="app", timeout=10)

    assert await calls(stage, "POST", INVITES) == 1


@pytest.mark.parametrize("word", ["unlisted", "fail"])
async def test_who_does_not_show_is_not_claimed_to_be_invited(
    stage: Stage, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(team, "PATIENCE", 0.0)
    ana = await stage.link()
    await stage.turn(invites=word)
    await ana.type(TYPED)
    await ana.submit()

    told = await ana.sees(NOBODY, channel="app", timeout=10)

    assert "I could not see how it ended" in told.text
    assert await calls(stage, "POST", INVITES) == 1
    await stage.person("lee").never_sees("invited a colleague")


async def test_who_is_not_linked_links_first_and_the_words_are_not_kept(stage: Stage) -> None:
    seen = await stage.person("lee").type(TYPED)

    assert "I need your CT account" in seen.text
    assert "anary" not in await kept(stage)


@pytest.mark.parametrize(
    ("typed", "role"),
    [("editor", 120), ("An Administrator", 110), ("admin", 110), ("SUPPORT", 130), ("an observer", 140)],
)
def test_roles_are_typed_as_people_say_them(typed: str, role: int) -> None:
    assert read_role(typed) == role


@given(st.text(max_size=30))
def test_any_other_word_is_no_role(typed: str) -> None:
    try:
        assert read_role(typed) in team.GIVEN
    except UsageError as error:
        assert "\n" not in str(error)


words = st.lists(st.sampled_from(["harbour", "hotel", "café", "nord", "tom's", "24", "a@b"]), min_size=1).map(" ".join)
addresses = st.from_regex(r"[a-z0-9.+_'-]{1,20}@[a-z0-9-]{1,15}\.[a-z]{2,5}", fullmatch=True)


@given(addresses, words, st.sampled_from(["editor", "an Observer", "admin"]))
def test_what_is_typed_in_one_line_is_read_as_it_is_meant(email: str, place: str, role: str) -> None:
    assert parse(InviteArgs, f"{email} to {place} as {role}", typed="/ct invite") == InviteArgs(email, place, role)
    assert parse(InviteArgs, f"to {place}", typed="/ct invite") == InviteArgs(None, place)
    as_slack_sends_it = tidy(f"<mailto:{email}|{email}> to {place}")
    assert parse(InviteArgs, as_slack_sends_it, typed="/ct invite") == InviteArgs(email, place)


@given(st.text(max_size=80))
def test_whatever_is_typed_is_read_or_refused_in_words(typed: str) -> None:
    try:
        parse(InviteArgs, tidy(typed), typed="/ct invite")
    except UsageError as error:
        assert "Type /ct invite" in str(error)


@given(strangers())
def test_the_form_is_what_we_wrote_whatever_a_place_is_called(some: Strangers) -> None:
    meta = {"slug": some.id()[:200], "name": name(some.text())} if some.flag() else {}
    values = {"email": some.text()[:200], "role_id": some.dice.choice(("120", some.id()))}
    problems = {field: some.id() for field in ("email", "role_id", "location", "") if some.flag()}

    drawn = FORM.view(Filled(meta=meta, values=values, problems=problems)).to_dict()

    check_view(drawn, "modal")
    for text in markdown(drawn["blocks"]):
        check_markdown(text)


@given(st.emails(), st.lists(st.emails(), max_size=20))
def test_a_mark_fits_its_own_address_and_nobody_who_was_there(email: str, others: list[str]) -> None:
    there = [LocationUser(slug=str(n), email=other) for n, other in enumerate(others)]

    kept = mark_for(email, there)

    assert team._mark(f" {email} ", kept["salt"]) == kept["mark"]
    fitting = [one for one in others if team._mark(one, kept["salt"]) == kept["mark"]]
    assert all(one.casefold() == email.casefold() for one in fitting)
    assert email not in str(kept)

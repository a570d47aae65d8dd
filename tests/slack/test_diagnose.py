"""`/ct diagnose`: only what looks is run, with one call; the answer goes to the asker alone and into no record."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ct import CTServerError, Payload
from bot.sandbox.ct import box_commands
from bot.sandbox.ct.box_commands import Command
from bot.sandbox.ct.payloads import PAYLOADS
from bot.sandbox.slack.seen import Seen
from bot.services import diagnoses
from bot.slack import box_answers
from bot.slack.commands.diagnose import DiagnoseArgs
from bot.slack.grammar import compose, parse
from tests.slack.hotel import kept_records
from tests.slack.upsets import calls, demote, lose_answer
from tests.stage import LOBBY, Stage

ROUTE = f"/api/v1/locations/cafe-nord-b59a3e/boxes/{LOBBY}/payloads"


@pytest.fixture(autouse=True)
async def _quick(stage: Stage) -> None:
    await stage.turn(payload_seconds=0.3)


async def sent(stage: Stage) -> int:
    """How many commands reached CT."""
    return await calls(stage, "POST", ROUTE)


async def told(ana: Any, what: str = "Routes") -> list[Seen]:
    """What the bot wrote by direct message about the newest run of a command: that there is an answer, and which."""
    head = f"has answered: {what}."
    await ana.sees(head, channel="app", timeout=20)
    for _ in range(100):
        seen: list[Seen] = await ana.messages("app")
        if head not in seen[-1].text:
            break
        await asyncio.sleep(0.05)
    return seen[-2:]


async def test_a_command_is_run_at_once_and_answered_by_direct_message(stage: Stage) -> None:
    ana, lee = await stage.link(), stage.person("lee")

    going = await ana.type("/ct diagnose lobby ap-3 routes")
    head, answer = await told(ana)

    assert going.text.startswith("Asked Lobby AP-3 for: Routes. I send you its answer in a direct message")
    assert head.text.startswith("Lobby AP-3 has answered: Routes.")
    assert head.buttons == ["Run Again", "Whole Box", "Another Command…"]
    assert answer.raw["blocks"][0]["elements"][0]["type"] == "rich_text_preformatted"
    assert "default         192.168.0.1     0.0.0.0         UG" in answer.text
    assert await sent(stage) == 1
    await lee.never_sees("Lobby AP-3")
    assert await stage.refusals() == []


async def test_a_long_answer_comes_as_a_file_with_its_secrets_blanked(stage: Stage) -> None:
    ana = await stage.link()

    await ana.type("/ct diagnose lobby ap-3 process list")
    _, file = await told(ana, "Process list")

    text = (await stage.workspace.http.get(file.raw["files"][0]["url_private"])).text
    assert file.text == (
        "Process list of Lobby AP-3, 68 lines. 3 places looked like secrets: blanked as •••.\n"
        "[lobby-ap-3-process-list.txt]"
    )
    assert "chilli --radiussecret=••• --uamsecret ••• --dhcpif=br-lan" in text
    assert "    1 root      1432 S    /sbin/procd\n" in text
    assert "canary" not in text
    assert await stage.refusals() == []


async def test_a_slack_that_takes_no_file_is_sent_the_beginning_as_text(stage: Stage) -> None:
    ana = await stage.link()
    await stage.workspace.fault("files.getUploadURLExternal", error="missing_scope")

    await ana.type("/ct diagnose lobby ap-3 ps")
    _, answer = await told(ana, "Process list")

    assert "    1 root      1432 S    /sbin/procd" in answer.text
    assert "3 places looked like secrets: blanked as •••." in answer.text
    assert "canary" not in str(answer.raw)
    assert await stage.refusals() == []


async def test_what_a_box_says_is_text_whatever_it_looks_like(stage: Stage) -> None:
    ana = await stage.link()

    await ana.type("/ct diagnose lobby ap-3 dhcp config")
    _, answer = await told(ana, "DHCP config")

    assert "option name '<@U01ANA> ```till``` <!here>'" in answer.text
    assert answer.links == {}
    assert await stage.refusals() == []


async def test_the_answer_is_kept_in_no_record_and_the_audit_says_which_command(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct diagnose lobby ap-3 routes")
    await told(ana)

    kept = await kept_records(stage)
    rows = [row for row in await stage.audit() if row["event"].startswith("box_diagnose")]

    assert "192.168.0.1" not in kept
    assert "Genmask" not in kept
    assert [row["event"] for row in rows] == ["box_diagnose_intent", "box_diagnose_accepted", "box_diagnose_done"]
    assert {(row["detail"], row["box"], row["user"].rpartition(":")[2]) for row in rows} == {
        ("Routes", LOBBY, "U01ANA")
    }


async def test_the_history_of_a_box_says_which_command_was_run(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct diagnose lobby ap-3 routes")
    await told(ana)

    assert "Diagnostic command: Routes — done\n" in (await ana.type("/ct history lobby ap-3")).text


async def test_without_a_command_one_picks_among_those_that_only_look(stage: Stage) -> None:
    ana = await stage.link()

    asked = await ana.type("/ct diagnose lobby ap-3")
    offered = await ana.offers("")
    picked = await ana.choose("rout", "Routes")

    assert asked.text.startswith("Which command shall Lobby AP-3 run? It only looks, and changes nothing.")
    assert offered == ["DHCP config", "Health check", "ifconfig", "iwinfo", "Process list", "Routes"]
    assert "may change the box or show passwords: Config dump, Login screens off, Login screens on." in asked.text
    assert picked.text.startswith("Asked Lobby AP-3 for: Routes.")
    assert (await told(ana))[0].text.startswith("Lobby AP-3 has answered: Routes.")
    assert await stage.refusals() == []


@pytest.mark.parametrize(
    "typed", ["config dump", "configuration dump", "login screens off", "run:cmd-dump", "login screen on"]
)
async def test_what_may_change_a_box_or_show_secrets_is_not_run(stage: Stage, typed: str) -> None:
    ana = await stage.link()

    seen = await ana.type(f"/ct diagnose lobby ap-3 {typed}")

    if typed.startswith("configuration"):
        assert "CT has no command “configuration dump”. Which one shall Lobby AP-3 run?" in seen.text
    else:
        assert seen.text.startswith("I run only commands that look. ")
        assert "so nothing was sent. Run it in CT's dashboard." in seen.text
        assert seen.buttons == ["Another Command…", "Open in CT"]
    assert await sent(stage) == 0
    assert await stage.refusals() == []


async def test_a_command_that_ct_does_not_have_is_asked_for(stage: Stage) -> None:
    ana = await stage.link()

    seen = await ana.type("/ct diagnose lobby ap-3 dmesg")

    assert seen.text.startswith("CT has no command “dmesg”. Which one shall Lobby AP-3 run?")
    assert await sent(stage) == 0


async def test_several_commands_that_fit_are_asked_for(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(box_commands.COMMANDS, "cmd-leases", Command("DHCP leases", "none"))
    ana = await stage.link()

    seen = await ana.type("/ct diagnose lobby ap-3 dhcp")

    assert seen.text.startswith("2 commands match “dhcp”. Which one shall Lobby AP-3 run?")


async def test_a_ct_without_a_command_that_looks_runs_none(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    for id_ in [id_ for id_ in box_commands.COMMANDS if not id_.startswith("cmd-splash")]:
        monkeypatch.delitem(box_commands.COMMANDS, id_)
    ana = await stage.link()

    seen = await ana.type("/ct diagnose lobby ap-3")
    for id_ in list(box_commands.COMMANDS):
        monkeypatch.delitem(box_commands.COMMANDS, id_)
    none = await ana.type("/ct diagnose lobby ap-3")

    assert "CT has: Login screens off, Login screens on" in seen.text
    assert "CT has no diagnostic commands for your account. Nothing was changed." in none.text


@pytest.mark.parametrize("name", ["<!channel> dmesg", "Kernel log *now* `x`"])
async def test_a_hostile_command_is_named_as_text_and_not_run(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setitem(box_commands.COMMANDS, "cmd-x", Command(name, "x"))
    ana = await stage.link()

    seen = await ana.type("/ct diagnose lobby ap-3 dmesg" if "dmesg" in name else "/ct diagnose lobby ap-3 kernel log")

    assert seen.text.startswith("I run only commands that look. ")
    assert await sent(stage) == 0
    assert await stage.refusals() == []


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"state": "offline", "ticks": False, "heard_at": 1.0}, "Lobby AP-3 is offline: it cannot hear us."),
        ({"state": "splash_only", "is_cucumber": False}, "so no diagnostic command exists for it."),
        ({"state": "processing"}, "Lobby AP-3 is busy: CT says “processing”."),
        ({"allowed_job": False}, "Lobby AP-3 has a job under way"),
        ({"extra": {"location_slug": None}}, "CT does not say at which location Lobby AP-3 is."),
    ],
)
async def test_a_box_that_takes_no_job_is_not_asked(stage: Stage, fields: dict[str, Any], why: str) -> None:
    ana = await stage.link()
    await stage.box(LOBBY, **fields)

    seen = await ana.type("/ct diagnose lobby ap-3 routes")

    assert why in seen.text
    assert "Nothing was changed." in seen.text
    assert await sent(stage) == 0


@pytest.mark.parametrize("refusal", ["object", "raw"])
async def test_what_ct_refuses_is_told_in_its_words(stage: Stage, refusal: str) -> None:
    ana = await stage.link()
    await stage.turn(creation="refused", refusal=refusal)

    seen = await ana.type("/ct diagnose lobby ap-3 routes")

    assert seen.text.startswith("CT refused: ")
    assert "This payload can't be created right now.\nNothing was changed." in seen.text
    assert seen.buttons == ["Ask Again"]
    assert await sent(stage) == 1


async def test_a_role_that_may_only_look_is_refused_in_words(stage: Stage) -> None:
    ana = await stage.link()
    await demote(stage)

    seen = await ana.type("/ct diagnose lobby ap-3 routes")

    assert "CT refused: You are not allowed to do that." in seen.text


@pytest.mark.parametrize("how", ["description", "unique_id"])
async def test_a_lost_answer_is_looked_into_and_never_sent_again(stage: Stage, how: str) -> None:
    ana = await stage.link()
    await stage.turn(payload_command=how)
    await ana.type("/ct diagnose lobby ap-3 routes")
    await told(ana)
    await lose_answer(stage, "POST", ROUTE)

    broke = await ana.type("/ct diagnose lobby ap-3 ifconfig")
    head, answer = await told(ana, "ifconfig")

    assert "may or may not have reached CT. I look whether CT has it." in broke.text
    assert head.text.startswith("Lobby AP-3 has answered: ifconfig.")
    assert "br-lan    Link encap:Ethernet" in answer.text
    assert await sent(stage) == 2


async def test_a_command_that_never_arrived_is_said_to(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagnoses, "LOOK_SECONDS", 0.1)
    ana = await stage.link()
    await ana.type("/ct diagnose lobby ap-3 routes")
    await told(ana)
    await stage.turn(creation="dropped_unacted")

    await ana.type("/ct diagnose lobby ap-3 routes")
    seen = await ana.sees("CT shows no such command for this box", channel="app", timeout=20)

    assert "I will not send it again." in seen.text
    assert await sent(stage) == 2


async def test_a_box_that_never_answers_is_said_to_be_silent(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagnoses, "PATIENCE", 0.5)
    ana = await stage.link()
    await stage.turn(payload="silent")

    await ana.type("/ct diagnose lobby ap-3 routes")
    seen = await ana.sees("It has not answered within 3 minutes", channel="app", timeout=20)

    assert seen.text.startswith("CT took it for Lobby AP-3, but I could not see how it ended.")
    assert "Should it answer later, CT shows it." in seen.text


@pytest.mark.parametrize("word", ["empty", "absent"])
async def test_no_answer_looks_as_ct_likes(stage: Stage, word: str) -> None:
    ana = await stage.link()
    await stage.turn(payload_body=word, payload_seconds=1.5)

    await ana.type("/ct diagnose lobby ap-3 routes")

    assert "Genmask" in (await told(ana))[1].text


async def test_a_command_that_somebody_removed_is_said_to_be_gone(stage: Stage) -> None:
    ana = await stage.link()
    await stage.turn(payload="silent")
    await ana.type("/ct diagnose lobby ap-3 routes")
    practice = stage.ct.practice
    place = practice.world.locations["cafe-nord-b59a3e"]
    practice.at(PAYLOADS, place).clear()

    await ana.sees("Somebody removed the command at CT before the box answered.", channel="app", timeout=20)


async def test_an_answer_that_cannot_be_read_again_is_said_to_be(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    async def gone(*_: object) -> Payload:
        raise CTServerError("payloads.get", status=500, messages=[])

    monkeypatch.setattr(box_answers, "answer", gone)
    ana = await stage.link()

    await ana.type("/ct diagnose lobby ap-3 routes")
    _, seen = await told(ana)

    assert seen.text.startswith("I could not read its answer from CT. Nothing was changed on the box")


async def test_an_answer_without_end_is_cut_and_said_to_be(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    line = "eth0 password hunter2 up\x1b[31m\u202e\n"
    monkeypatch.setitem(box_commands.COMMANDS, "cmd-route", Command("Routes", line * 20_000))
    ana = await stage.link()

    await ana.type("/ct diagnose lobby ap-3 routes")
    _, file = await told(ana)

    text = (await stage.workspace.http.get(file.raw["files"][0]["url_private"])).text
    assert "That is not all of it: CT has the rest." in file.text
    assert set(text.splitlines()[:-1]) == {"eth0 password ••• up"}
    assert len(text) < 200_000


async def test_the_box_and_the_command_may_both_be_missing(stage: Stage) -> None:
    ana = await stage.link()
    asked = await ana.type("/ct diagnose routes")

    picked = await ana.choose("lobby ap-3", "Lobby AP-3")

    assert "Which box?" in asked.text
    assert picked.text.startswith("Asked Lobby AP-3 for: Routes.")


async def test_a_box_that_is_called_like_a_command_is_found_in_quotes(stage: Stage) -> None:
    ana = await stage.link()
    await stage.box(LOBBY, description="Radio")

    seen = await ana.type('/ct diagnose "radio" routes')

    assert seen.text.startswith("Asked Radio for: Routes.")


async def test_the_same_is_run_again_by_one_press(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct diagnose lobby ap-3 routes")
    await told(ana)
    ana.go("app")

    again = await ana.click("Run Again", until="Asked Lobby AP-3", timeout=15)

    assert "for: Routes." in again.text
    assert await sent(stage) == 2


async def test_the_health_of_a_box_leads_to_it(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct box health lobby ap-3")

    assert "Which command shall Lobby AP-3 run?" in (await ana.click("Diagnose…")).text


async def test_the_unlinked_are_asked_to_connect(stage: Stage) -> None:
    assert "Connect CT" in (await stage.person("lee").type("/ct diagnose lobby ap-3 routes")).buttons


boxes = st.text(st.characters(categories=("L", "N"), include_characters=" -"), min_size=1, max_size=30).map(
    lambda text: " ".join(text.split())
)
NAMES = ("ifconfig", "process list", "health check", "DHCP config", "run routes", "config dump", "run:cmd-7f3a", None)


@given(boxes.filter(bool), st.sampled_from(NAMES))
def test_what_stands_behind_a_button_is_read_back(box: str, command: str | None) -> None:
    args = DiagnoseArgs(box, command)

    assert parse(DiagnoseArgs, compose("diagnose", args).removeprefix("diagnose "), typed="/ct diagnose") == args
